"""The files of a stored snapshot, to be looked at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException

from .output_files import LARGEST_READ, mime_of
from .snapshot import read_manifest

if TYPE_CHECKING:
    from .paths import WorkspacePaths

CELL_MARK = b"# A cell's script, which %%aml_submit takes away when its snapshot is taken: "
"""How a script begins that was the body of a cell; the rest of the line is its checksum."""


def snapshot_files(paths: WorkspacePaths, snapshot_id: str) -> list[dict[str, Any]]:
    """List the files of a snapshot: ``name`` and ``size``.

    Raises
    ------
    SnapshotException
        There is no such snapshot.
    """
    return [{"name": one.name, "size": one.size} for one in read_manifest(paths, snapshot_id) if one.kind == "f"]


def read_snapshot_file(
    paths: WorkspacePaths, snapshot_id: str, name: str, offset: int = 0, limit: int = LARGEST_READ
) -> tuple[dict[str, Any], bytes]:
    """Read a part of a file of a snapshot, at most 4 MB.

    Returns
    -------
    tuple of dict and bytes
        ``name``, ``size`` of the whole file, ``mime`` and ``offset``; and the bytes.

    Raises
    ------
    SnapshotException
        There is no such snapshot, or it has no such file.
    """
    entries = read_manifest(paths, snapshot_id)
    entry = next((one for one in entries if one.name == name and one.kind == "f"), None)
    if entry is None:
        raise SnapshotException(f"The snapshot has no file {name!r}.")
    offset = max(0, offset)
    count = max(0, min(limit, LARGEST_READ, entry.size - offset))
    with (paths.objects / entry.pack).open("rb") as pack:
        data = os.pread(pack.fileno(), count, entry.offset + offset)
    return {"name": name, "size": entry.size, "mime": mime_of(name), "offset": offset}, data
