"""What the files of a run have grown by on a node, in large pieces; the node's side.

What only ever grows is told by its end. Files that the script may write anew, in ``outputs`` say, are sent again when
they were, and those that came in several pieces are compared as a whole when the ranks have ended.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

PIECE = 4 * 1024 * 1024
MERGED = ("metrics.jsonl", "events.jsonl", "nodes.jsonl")
"""JSON lines that the nodes of a run write into one file."""
_LOGS = "user_logs"
_FREE = ("work/outputs", "work/logs", "artifacts", "children", "written")
_STORE_LOG = "system_logs/torchrun_store.log"
_TAIL = 256


class Piece(NamedTuple):
    """A part of a file.

    Attributes
    ----------
    name
        Relative to the run directory.
    offset
        Where ``data`` belongs; the file ends there so far. None: the file is gone.
    """

    name: str
    offset: int | None
    data: bytes


@dataclass
class _Cursor:
    inode: int
    offset: int
    tail: bytes
    mtime: int = -1
    pieces: int = 0


class Growth:
    """Reads what the files under ``root`` grew by since the last time.

    Parameters
    ----------
    root
        The run directory on this node.
    node
        The node's number.
    """

    def __init__(self, root: Path, node: int) -> None:
        self._root = root
        self._node = node
        self._cursors: dict[str, _Cursor] = {}

    def resume(self, known: dict[str, tuple[int, bytes]]) -> None:
        """Go on where somebody has left off: for each file how many bytes are known, and the last of them."""
        self._cursors = {}
        for name, (size, tail) in known.items():
            inode = self._inode(name)
            if inode is not None:
                self._cursors[name] = _Cursor(inode, size, tail, pieces=2)

    def read(self, limit: int = 2 * PIECE, *, ended: bool = False) -> list[Piece]:
        """Return what is new, about ``limit`` bytes at most; with ``ended`` half lines too."""
        pieces: list[Piece] = []
        left = limit
        there = self._files()
        for name in [name for name in self._cursors if name not in there and _is_free(name)]:
            del self._cursors[name]
            pieces.append(Piece(name, None, b""))
        for name, state in there.items():
            if left <= 0:
                break
            piece = self._read(name, state, min(left, PIECE), ended=ended)
            if piece:
                left -= max(len(piece.data), 1)
                pieces.append(piece)
        return pieces

    def sums(self) -> dict[str, str]:
        """Return the digests of the files that came in several pieces, of which none may have been missed."""
        names = [name for name, cursor in self._cursors.items() if cursor.pieces > 1 and _is_free(name)]
        return {name: digest_of(self._root / name) for name in names if (self._root / name).is_file()}

    def again(self, names: list[str]) -> None:
        """Send these files as if nothing of them was known."""
        for name in names:
            self._cursors.pop(name, None)

    def _files(self) -> dict[str, os.stat_result]:
        found = {}
        single = [*MERGED, f"launch/{self._node}.jsonl", "system_logs/runner.log", _STORE_LOG]
        for name in single:
            path = self._root / name
            if path.is_file() and path.stat().st_size:
                found[name] = path.stat()
        for folder in (_LOGS, *_FREE):
            for under, _, files in os.walk(self._root / folder):
                for file in files:
                    full = f"{under}/{file}"
                    try:
                        state = os.stat(full)  # noqa: PTH116 - it is a str
                    except OSError:  # gone meanwhile, or a link that leads nowhere
                        continue
                    if stat.S_ISREG(state.st_mode):
                        found[os.path.relpath(full, self._root)] = state
        for question in sorted((self._root / "asks").glob("*.json")):  # last: it may be about a file that comes before
            with contextlib.suppress(OSError):
                found[f"asks/{question.name}"] = question.stat()
        return found

    def _read(self, name: str, state: os.stat_result, limit: int, *, ended: bool) -> Piece | None:
        cursor = self._cursors.get(name)
        if cursor and not (self._has_changed(name, cursor, state) if _is_free(name) else state.st_size > cursor.offset):
            return None
        cursor = self._cursors.setdefault(name, _Cursor(state.st_ino, 0, b""))
        try:
            data = self._bytes(name, cursor.offset, min(limit, state.st_size - cursor.offset))
        except OSError:
            return None
        if name in MERGED:
            data = _whole_lines(data, cursor.offset + len(data) == state.st_size and ended)
        if not data and not _is_an_empty_file(name, cursor):
            return None
        piece = Piece(name, cursor.offset, data)
        cursor.offset += len(data)
        cursor.tail = (cursor.tail + data)[-_TAIL:]
        cursor.mtime = state.st_mtime_ns if cursor.offset == state.st_size else -1
        cursor.pieces += 1
        return piece

    def _has_changed(self, name: str, cursor: _Cursor, state: os.stat_result) -> bool:
        if (state.st_ino, state.st_size, state.st_mtime_ns) == (cursor.inode, cursor.offset, cursor.mtime):
            return False
        if cursor.mtime == -1 and state.st_size == cursor.offset and self._goes_on(name, cursor, state):
            cursor.mtime = state.st_mtime_ns  # known from before; it is compared as a whole in the end
            return False
        if state.st_size <= cursor.offset or not self._goes_on(name, cursor, state):
            self._cursors[name] = _Cursor(state.st_ino, 0, b"", pieces=1)  # it was written anew
        return True

    def _goes_on(self, name: str, cursor: _Cursor, state: os.stat_result) -> bool:
        if state.st_ino != cursor.inode:
            return False
        begin = max(0, cursor.offset - len(cursor.tail))
        try:
            return self._bytes(name, begin, cursor.offset - begin) == cursor.tail
        except OSError:
            return False

    def _bytes(self, name: str, offset: int, size: int) -> bytes:
        with (self._root / name).open("rb", buffering=0) as file:
            return os.pread(file.fileno(), max(0, size), offset)

    def _inode(self, name: str) -> int | None:
        try:
            return (self._root / name).stat().st_ino
        except OSError:
            return None


def tail_of(path: Path, size: int) -> bytes:
    """Return the last bytes of the first ``size`` of a file, by which another side knows that it has the same."""
    with path.open("rb", buffering=0) as file:
        begin = max(0, size - _TAIL)
        return os.pread(file.fileno(), size - begin, begin)


def digest_of(path: Path) -> str:
    """Return the digest of a whole file."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb", buffering=0) as file:
        while block := file.read(PIECE):
            digest.update(block)
    return digest.hexdigest()


def _is_an_empty_file(name: str, cursor: _Cursor) -> bool:
    """Tell whether there is something to tell of a file though it has no bytes: that it is there."""
    if name.startswith(_LOGS):
        return not cursor.pieces
    return _is_free(name) and cursor.offset == 0 and cursor.mtime == -1


def _is_free(name: str) -> bool:
    return name.startswith(tuple(f"{folder}/" for folder in _FREE))


def _whole_lines(data: bytes, last: bool) -> bytes:
    cut = data.rfind(b"\n") + 1
    if last and cut < len(data):
        return data
    return data[:cut] or (data if len(data) == PIECE else b"")
