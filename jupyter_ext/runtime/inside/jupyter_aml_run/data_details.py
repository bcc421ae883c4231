"""A run's inputs and outputs, as ``get_details`` tells them."""

import json
import os

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any


def input_details(inputs: "list[dict[str, Any]]") -> "list[dict[str, Any]]":
    """Give the run's input datasets under v1's keys.

    Parameters
    ----------
    inputs
        The ``inputs`` of run.json.
    """
    return [
        {
            "dataset": _known(one["dataset"]),
            "consumptionDetails": {
                "type": "RunInput",
                "inputName": one["name"],
                "mechanism": str(one.get("mode", "")).capitalize(),
                "pathOnCompute": one.get("path_on_compute"),
            },
        }
        for one in inputs
        if not one.get("reference")
    ]


def output_details(outputs: "list[dict[str, Any]]", run_dir: str) -> "list[dict[str, Any]]":
    """Give the run's outputs that go to datastores under v1's keys; the datasets that they are when it has ended.

    Parameters
    ----------
    outputs
        The ``outputs`` of run.json.
    run_dir
        The run directory.
    """
    became = _written(run_dir)
    details = []
    for one in outputs:
        if one.get("reference"):
            continue
        path = {"datastoreName": one.get("datastore"), "relativePath": one.get("path")}
        detail = {"outputType": "RunOutput", "outputDetails": {"outputName": one["name"]}, "path": path}
        if one["name"] in became:
            detail["dataset"] = _known(became[one["name"]])
        details.append(detail)
    return details


def _known(dataset: "dict[str, Any]") -> "dict[str, Any]":
    return {key: dataset[key] for key in ("id", "name", "version") if dataset.get(key) is not None}


def _written(run_dir: str) -> "dict[str, dict[str, Any]]":
    try:
        with open(os.path.join(run_dir, "data", "outputs.json"), encoding="utf-8") as file:
            return {one["name"]: one["dataset"] for one in json.load(file)}
    except FileNotFoundError:
        return {}
