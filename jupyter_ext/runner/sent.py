"""What a run's nodes on a cluster get: the snapshot, the files of its data, and the folders that it writes to."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import blake3
import msgspec

from jupyter_ext.engines.container import RUN_DIR
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.snapshots.manifest import Entry, read_manifest

from .data_links import prepared_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec


def entries(paths: RunPaths, spec: RunSpec) -> list[Entry]:
    """Return what is to be in the run directory on each node.

    Raises
    ------
    UserErrorException
        The script's folder has something where it is to find data.
    """
    workspace = paths.workspace
    snapshot = read_manifest(workspace, spec.snapshot_id) if spec.snapshot_id else []
    laid = [msgspec.structs.replace(one, name=f"work/{one.name}") for one in snapshot]
    taken = {parent for one in laid for parent in (one.name, *map(str, PurePosixPath(one.name).parents))}
    links = list(_links(paths))
    for link in links:
        if link.name in taken:
            raise UserErrorException(
                f"Data cannot be put at {link.name.removeprefix('work/')}: something else is there. Choose another "
                "path_on_compute."
            )
    folders = [Entry(f"written/{one.name}", "d", 0o755) for one in spec.outputs]
    return [Entry("work", "d", 0o755), *laid, *_files(paths, spec), *folders, *links]


def _files(paths: RunPaths, spec: RunSpec) -> Iterator[Entry]:
    for one in spec.inputs:
        folder = paths.data / one.name
        yield Entry(f"data/{one.name}", "d", 0o755)
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            digest = blake3.blake3(max_threads=blake3.blake3.AUTO).update_mmap(file).hexdigest()
            name = file.relative_to(paths.root).as_posix()
            yield Entry(name, "f", 0o644, file.stat().st_size, digest, str(file.resolve()))


def _links(paths: RunPaths) -> Iterator[Entry]:
    """Yield the links in the script's folder: they lead to the same place in a container and out of it."""
    for where, target in prepared_data(paths).links:
        name = Path("work", where)
        inside = os.path.relpath(Path(target).relative_to(RUN_DIR), name.parent)
        yield Entry(os.path.normpath(name), "l", 0o755, digest=inside)
