"""A run's inputs and outputs, as ``get_details`` tells them."""

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
            "dataset": {"id": one["dataset"].get("id"), "name": one["dataset"].get("name")},
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


def output_details(outputs: "list[dict[str, Any]]") -> "list[dict[str, Any]]":
    """Give the run's outputs that go to datastores under v1's keys.

    Parameters
    ----------
    outputs
        The ``outputs`` of run.json.
    """
    return [
        {
            "outputType": "RunOutput",
            "outputDetails": {"outputName": one["name"]},
            "path": {"datastoreName": one.get("datastore"), "relativePath": one.get("path")},
        }
        for one in outputs
    ]
