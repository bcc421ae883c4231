"""What a node keeps of snapshots: contents by their digest, in packs, so that nothing is sent twice.

A pack is a file with contents one after the other; the file beside it tells which, a line each. Both are there whole
or not at all.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from typing import NamedTuple

_UNUSED_SECONDS = 30 * 24 * 3600
_BLOCK = 4 * 1024 * 1024


class Laid(NamedTuple):
    """A file, link or folder of a snapshot: ``kind`` is ``f``, ``l`` or ``d``; ``digest`` a link's target."""

    name: str
    kind: str
    mode: int
    size: int
    digest: str


def cache_folder() -> Path:
    """Return where this node keeps what is ours."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jupyter-aml"


class NodeCache:
    """The contents that this node has."""

    def __init__(self) -> None:
        self._folder = cache_folder() / "packs"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._where: dict[str, tuple[str, int]] = {}
        self._read: set[str] = set()
        self._new: tuple[str, int, list[str]] | None = None

    def missing(self, digests: list[str]) -> list[str]:
        """Return which of these contents the node has not."""
        self._look()
        return [digest for digest in dict.fromkeys(digests) if digest not in self._where]

    def keep(self, parts: list[tuple[str, int]], data: bytes, *, last: bool) -> None:
        """Take contents: for each part its digest, or nothing where it continues the one before, and its size."""
        name, offset, lines = self._new or (uuid.uuid4().hex, 0, [])
        with (self._folder / f".{name}").open("ab") as file:
            file.write(data)
        for digest, size in parts:
            if digest:
                lines.append(f"{digest} {offset}\n")
            offset += size
        self._new = (name, offset, lines)
        if last:
            (self._folder / f".{name}").rename(self._folder / f"{name}.pack")
            index = self._folder / f".{name}.index"
            index.write_text("".join(lines))
            index.rename(self._folder / f"{name}.index")
            self._new = None

    def lay_out(self, entries: list[Laid], target: Path) -> None:
        """Write a snapshot's files under ``target``."""
        self._look()
        target.mkdir(parents=True, exist_ok=True)
        packs: dict[str, int] = {}
        try:
            for entry in entries:
                path = target / entry.name
                (path if entry.kind == "d" else path.parent).mkdir(parents=True, exist_ok=True)
                if entry.kind == "l":
                    path.symlink_to(entry.digest)
                elif entry.kind == "f":
                    pack, offset = self._where[entry.digest] if entry.size else ("", 0)
                    if pack and pack not in packs:
                        packs[pack] = os.open(self._folder / f"{pack}.pack", os.O_RDONLY)
                        os.utime(self._folder / f"{pack}.pack")
                    _copy(packs.get(pack, -1), offset, entry, path)
        finally:
            for opened in packs.values():
                os.close(opened)

    def prune(self) -> None:
        """Remove the packs that no run has used for a month."""
        for pack in self._folder.glob("*.pack"):
            if time.time() - pack.stat().st_mtime > _UNUSED_SECONDS:
                pack.with_suffix(".index").unlink(missing_ok=True)
                pack.unlink(missing_ok=True)

    def _look(self) -> None:
        for index in self._folder.glob("*.index"):
            if index.name.startswith(".") or index.name in self._read:
                continue
            self._read.add(index.name)
            for line in index.read_text().splitlines():
                digest, offset = line.split()
                self._where[digest] = (index.stem, int(offset))


def _copy(pack: int, offset: int, entry: Laid, path: Path) -> None:
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, entry.mode & 0o777 | 0o200)
    try:
        done = 0
        while done < entry.size:
            data = os.pread(pack, min(_BLOCK, entry.size - done), offset + done)
            if not data:
                raise OSError(f"the node's cache is cut at {path.name}: remove {cache_folder()} there")
            done += os.write(target, data)
    finally:
        os.close(target)
