"""What is kept of a snapshot: its manifest, from which a run's files are laid out."""

from __future__ import annotations

import os
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_ext.store.paths import WorkspacePaths

_BLOCK = 4 * 1024 * 1024


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One file, empty folder or link of a snapshot.

    Attributes
    ----------
    name
        Relative to the folder, with ``/``.
    kind
        ``f``, ``d`` or ``l``.
    mode
        Permission bits.
    size
        Bytes.
    digest
        BLAKE3 of the content, hex; of a link its target.
    pack, offset
        Where the content lies.
    """

    name: str
    kind: str
    mode: int
    size: int = 0
    digest: str = ""
    pack: str = ""
    offset: int = 0


def read_manifest(paths: WorkspacePaths, snapshot_id: str) -> list[Entry]:
    """Return the entries of a stored snapshot.

    Raises
    ------
    SnapshotException
        There is no such snapshot.
    """
    try:
        data = (paths.snapshots / f"{snapshot_id}.json").read_bytes()
    except FileNotFoundError:
        raise SnapshotException(f"There is no snapshot {snapshot_id} in workspace {paths.name!r}.") from None
    return list(chain.from_iterable(msgspec.json.decode(data, type=list[list[Entry]])))


def stored_objects(paths: WorkspacePaths) -> Iterator[tuple[bytes, str, int]]:
    """Yield where each object lies that a snapshot of the workspace names: digest, pack, offset."""
    packs = {pack.name for pack in paths.objects.glob("*.pack")}
    for manifest in paths.snapshots.glob("*.json"):
        try:
            entries = read_manifest(paths, manifest.stem)
        except msgspec.DecodeError:
            continue
        yield from (
            (bytes.fromhex(one.digest), one.pack, one.offset)
            for one in entries
            if one.kind == "f" and one.pack in packs
        )


def lay_out(paths: WorkspacePaths, snapshot_id: str, target: Path) -> None:
    """Write the files of a snapshot under ``target``, which is made where it is missing."""
    target.mkdir(parents=True, exist_ok=True)
    made = {""}
    packs: dict[str, BinaryIO] = {}
    try:
        for entry in read_manifest(paths, snapshot_id):
            parent = entry.name.rpartition("/")[0] if entry.kind != "d" else entry.name
            if parent not in made:
                (target / parent).mkdir(parents=True, exist_ok=True)
                made.add(parent)
            path = f"{target}/{entry.name}"
            if entry.kind == "l":
                os.symlink(entry.digest, path)  # noqa: PTH211 - the path is a str already
            elif entry.kind == "f":
                if entry.pack not in packs:
                    packs[entry.pack] = (paths.objects / entry.pack).open("rb")
                _copy(packs[entry.pack].fileno(), entry, path)
    finally:
        for pack in packs.values():
            pack.close()


def _copy(pack: int, entry: Entry, path: str) -> None:
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, entry.mode & 0o777 | 0o200)
    try:
        done = 0
        while done < entry.size:
            data = os.pread(pack, min(_BLOCK, entry.size - done), entry.offset + done)
            if not data:
                raise SnapshotException(f"The stored content of {entry.name} is cut: submit the folder again.")
            done += os.write(target, data)
    finally:
        os.close(target)
