"""What a file of lines grew by since it was last read: whole lines only."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
_PIECE = 256 * 1024
_LONGEST_LINE = 256 * 1024 * 1024
_TAIL = 64


def decode_lines(decoder: msgspec.json.Decoder[T], lines: bytes) -> tuple[list[T], int]:
    """Decode JSON lines; return what they hold, and how many could not be decoded."""
    try:
        return decoder.decode_lines(lines), 0
    except msgspec.DecodeError:
        pass
    decoded: list[T] = []
    bad = 0
    for line in filter(None, lines.splitlines()):
        try:
            decoded.append(decoder.decode(line))
        except msgspec.DecodeError:  # noqa: PERF203 - only where a line is bad
            bad += 1
    return decoded, bad


class Growth:
    """Reads a file that another process appends lines to, each line once.

    A half-written last line is left for the next time. A file that was truncated or replaced is read from its
    beginning.

    Parameters
    ----------
    path
        The file. It need not exist yet. A symbolic link is not followed.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = path if isinstance(path, Path) else Path(path)
        self.complete = True
        self._forget()

    def _forget(self) -> None:
        self._identity: tuple[int, int] | None = None
        self._seen = 0
        self._offset = 0
        self._tail = b""

    def pieces(self, limit: int | None = None) -> Iterator[bytes]:
        """Give the lines that were added, in pieces of about 256 KB; one ``stat`` where none was.

        An empty piece says that what came before is void: the file was truncated, replaced or deleted.

        Parameters
        ----------
        limit
            Bytes after which to stop; ``complete`` then is False, and the next call goes on.
        """
        try:
            status = self.path.lstat()
        except OSError:
            if self._identity is not None:
                self._forget()
                yield b""
            return
        identity = (status.st_dev, status.st_ino)
        if identity == self._identity and status.st_size == self._seen and self.complete:
            return
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return
        try:
            if S_ISREG(os.fstat(file).st_mode):
                if self._is_void(file, identity, status.st_size):
                    yield b""
                yield from self._read(file, limit or status.st_size)
        finally:
            os.close(file)

    def _is_void(self, file: int, identity: tuple[int, int], size: int) -> bool:
        """See where to go on; tell whether what was read before is no longer there."""
        start = self._offset - len(self._tail)
        void = False
        if identity != self._identity or size < self._offset or os.pread(file, len(self._tail), start) != self._tail:
            void = self._identity is not None
            self._forget()
            self._identity = identity
        self._seen = size
        return void

    def _read(self, file: int, limit: int) -> Iterator[bytes]:
        end = min(self._seen, self._offset + max(limit, _PIECE))
        wanted = _PIECE
        while self._offset < end:
            data = os.pread(file, min(wanted, self._seen - self._offset), self._offset)
            lines = data.rfind(b"\n") + 1
            if lines:
                self._offset += lines
                self._tail = data[max(0, lines - _TAIL) : lines]
                yield data[:lines] if lines < len(data) else data
            elif len(data) < wanted:
                break
            elif wanted < _LONGEST_LINE:
                wanted *= 2
            else:
                # Nobody writes such a line: it is passed over rather than held in memory.
                self._offset += len(data)
                self._tail = data[-_TAIL:]
        self.complete = end == self._seen
