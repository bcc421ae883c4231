"""What data a run was given and what it has written, told by its directory alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from .data_records import DatasetRecord, WrittenOutput

if TYPE_CHECKING:
    from .paths import RunPaths
    from .records import RunSpec


def input_datasets(spec: RunSpec) -> list[dict[str, Any]]:
    """Return the datasets that a run was given, in v1's shape."""
    return [
        {
            "dataset": _known(one.dataset),
            "consumptionDetails": {"type": "RunInput", "inputName": one.name, "mechanism": one.mode.capitalize()},
        }
        for one in spec.inputs
        if not one.reference
    ]


def output_datasets(paths: RunPaths) -> list[dict[str, Any]]:
    """Return the datasets that a run has written, in v1's shape; none before its end."""
    return [
        {
            "dataset": _known(one.dataset),
            "outputType": "RunOutput",
            "outputDetails": {"outputName": one.name},
        }
        for one in written(paths)
    ]


def written(paths: RunPaths) -> list[WrittenOutput]:
    """Return what a run has written; nothing before its end."""
    try:
        data = (paths.data / "outputs.json").read_bytes()
    except FileNotFoundError:
        return []
    return msgspec.json.decode(data, type=list[WrittenOutput])


def data_rows(spec: RunSpec, paths: RunPaths) -> list[tuple[str, str]]:
    """Return a line for each input and output of a run: its name, and what it is."""
    rows = [(one.name, f"{_spelled(one.dataset)}, {one.mode}") for one in spec.inputs]
    made = {one.name: one.dataset for one in written(paths)}
    for one in spec.outputs:
        became = f" = {made[one.name].name}:{made[one.name].version}" if one.name in made and made[one.name].name else ""
        rows.append((one.name, f"to {one.datastore}/{one.path}{became}"))
    return rows


def _known(record: DatasetRecord) -> dict[str, Any]:
    known = {"id": record.identity, "name": record.name, "version": record.version}
    return {key: value for key, value in known.items() if value is not None}


def _spelled(record: DatasetRecord) -> str:
    if record.name is not None:
        return f"{record.name}:{record.version}"
    paths = [one.path if one.datastore is None else f"{one.datastore}/{one.path}" for one in record.sources]
    return ", ".join(paths[:3]) + (" ..." if len(paths) > 3 else "")  # noqa: PLR2004 - as many as a line holds
