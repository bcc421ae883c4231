"""What a run was given to read and where it may write, as its script finds it."""

import json
import os

from .exceptions import UserErrorException
from .nearest import did_you_mean
from .registered import registered

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_MODES = "AZUREML_DATASET_ENVIRONMENT_VARS"
_OUTPUTS = "AZUREML_DATASET_FILE_OUTPUTS"
_FILE = "data/inputs.json"


def input_datasets() -> "dict[str, Any]":
    """Give each input: its path, or the dataset where it is one that is read directly."""
    described = _described()
    found = {}
    for item in os.environ.get(_MODES, "").split(","):
        name, _, mode = item.partition(":")
        if name in described and mode == "direct":
            found[name] = _dataset(described[name])
        elif name in os.environ:
            found[name] = os.environ[name]
    return found


def output_datasets() -> "dict[str, str]":
    """Give the path to write to for each output."""
    names = os.environ.get(_OUTPUTS, "").split(";")
    return {name: os.environ[name] for name in names if name in os.environ}


def find_dataset(**wanted: "Any") -> "Any":
    """Give a certain dataset: one of the inputs, else one whose files are on this machine.

    Parameters
    ----------
    **wanted
        ``id``, or ``name`` and perhaps ``version``.

    Raises
    ------
    UserErrorException
        The run was not given it, and cannot see it.
    """
    described = _described()
    for one in described.values():
        if all(value is None or str(one.get(key)) == str(value) for key, value in wanted.items()):
            return _dataset(one)
    other = registered(**wanted)
    if other is not None:
        return _dataset(other)
    which = " ".join("{} {!r}".format(key, value) for key, value in wanted.items() if value is not None)
    raise UserErrorException(
        "The run was not given a dataset of {} (its inputs: {}).{} Pass it as an argument in the notebook: "
        "arguments=['--data', dataset.as_named_input('data')].".format(
            which, ", ".join(described) or "none", did_you_mean(wanted.get("name"), described)
        )
    )


def _described() -> "dict[str, dict[str, Any]]":
    try:
        with open(os.path.join(os.environ.get("AML_RUN_DIR", ""), _FILE), encoding="utf-8") as file:
            described: "dict[str, dict[str, Any]]" = json.load(file)
    except (OSError, ValueError):
        return {}
    return described


def _dataset(described: "dict[str, Any]") -> "Any":
    files = [(name, path) for name, path in described["files"]]
    if described["kind"] == "tabular":
        from .steps import TabularData  # noqa: PLC0415 - a script that reads no table need not load it

        return TabularData(described, files)
    from .file_data import FileData  # noqa: PLC0415 - most scripts are given paths

    data = FileData(described, files)
    for step in described.get("steps") or []:
        data = data._with(*step)  # noqa: SLF001 - it is one of ours
    return FileData(described, data._files)  # noqa: SLF001 - as above
