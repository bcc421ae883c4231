"""What data a run was given and what it has written, told by its directory alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .data_records import DatasetRecord, WrittenOutput

if TYPE_CHECKING:
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec


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
        became = (
            f" = {made[one.name].name}:{made[one.name].version}" if one.name in made and made[one.name].name else ""
        )
        rows.append((one.name, f"to {one.datastore}/{one.path}{became}"))
    return rows


def _spelled(record: DatasetRecord) -> str:
    if record.name is not None:
        return f"{record.name}:{record.version}"
    paths = [one.path if one.datastore is None else f"{one.datastore}/{one.path}" for one in record.sources]
    return ", ".join(paths[:3]) + (" ..." if len(paths) > 3 else "")  # noqa: PLR2004 - as many as a line holds
