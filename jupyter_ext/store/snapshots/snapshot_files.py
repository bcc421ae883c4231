"""The files of a stored snapshot, to be looked at."""

from __future__ import annotations

import os
import posixpath
import stat
import time
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException
from jupyter_ext.store.live.output_files import LARGEST_READ, mime_of

from .manifest import read_manifest

if TYPE_CHECKING:
    import zipfile
    from pathlib import Path

    from jupyter_ext.store.paths import WorkspacePaths

    from .manifest import Entry

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


def write_zip(paths: WorkspacePaths, snapshot_id: str, target: Path) -> None:
    """Write a snapshot as a zip file; a link to one of its files is a file there, as not all that unpack make links.

    Raises
    ------
    SnapshotException
        There is no such snapshot, or the content of a file is cut.
    """
    import zipfile  # noqa: PLC0415 - seldom asked for

    entries = read_manifest(paths, snapshot_id)
    files = {one.name: one for one in entries if one.kind == "f"}
    with zipfile.ZipFile(target, "w") as archive:
        for entry in entries:
            leads_to = posixpath.normpath(posixpath.join(posixpath.dirname(entry.name), entry.digest))
            file = entry if entry.kind == "f" else files.get(leads_to) if entry.kind == "l" else None
            if file is not None:
                _write_file(archive, _zip_info(entry.name, stat.S_IFREG | file.mode), paths, file)
            elif entry.kind == "l":
                archive.writestr(_zip_info(entry.name, stat.S_IFLNK | 0o777), entry.digest)
            else:
                archive.writestr(_zip_info(f"{entry.name}/", stat.S_IFDIR | entry.mode), b"")


def _zip_info(name: str, mode: int) -> zipfile.ZipInfo:
    import zipfile  # noqa: PLC0415 - seldom asked for

    info = zipfile.ZipInfo(name, time.localtime()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = mode << 16
    return info


def _write_file(archive: zipfile.ZipFile, info: zipfile.ZipInfo, paths: WorkspacePaths, file: Entry) -> None:
    info.file_size = file.size
    with (paths.objects / file.pack).open("rb") as pack, archive.open(info, "w") as to:
        pack.seek(file.offset)
        left = file.size
        while left and (data := pack.read(min(left, LARGEST_READ))):
            left -= to.write(data)
    if left:
        raise SnapshotException(f"The stored content of {file.name} is cut: submit the folder again.")
