"""The lines of a log file that grows: how many, which text, where a word occurs."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left, bisect_right
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

from jupyter_ext.store.live.terminal_text import plain_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK = 64 * 1024
"""Bytes between two entries of the index."""

LONGEST_LINE = 4096
"""Characters of a line that a reader gets; the rest is told as a number."""

MOST_MATCHES = 10_000
"""Line numbers that a search returns; its total counts all."""

_HEAD = 4 * LONGEST_LINE
_PIECE = 4 * BLOCK
_REFRESH = 128 * 1024 * 1024
_TAIL = 64
_NEWLINE = b"\n"


class LineIndex:
    """A sparse index over the lines of a file that another process appends to.

    Nothing is kept but one number for every 64 KB, and nothing is read twice: a refresh reads
    what the file grew by. A last line without its newline counts, and is completed by a later refresh. A
    file that was truncated or replaced is read anew, one that is gone has no lines.

    Parameters
    ----------
    path
        The file. It need not exist yet. A symbolic link is not followed.

    Notes
    -----
    Not thread-safe: its owner holds a lock.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._forget()

    def _forget(self) -> None:
        self._identity: tuple[int, int] | None = None
        self._size = 0
        self._file_size = 0
        self._newlines = 0
        self._after_block = array("Q")
        self._tail = b""

    @property
    def size(self) -> int:
        """Bytes of the file that are indexed."""
        return self._size

    @property
    def complete(self) -> bool:
        """Whether the last refresh reached the end of the file (it reads at most 128 MB)."""
        return self._size >= self._file_size

    @property
    def total(self) -> int:
        """Number of lines, a last one without newline included."""
        return self._newlines + (1 if self._tail and not self._tail.endswith(_NEWLINE) else 0)

    def refresh(self, status: os.stat_result | None = None) -> bool:
        """Read what the file grew by.

        Parameters
        ----------
        status
            The file's status, where the caller has just asked for it.

        Returns
        -------
        bool
            Whether anything changed.
        """
        try:
            status = status or self.path.lstat()
        except OSError:
            changed = self._identity is not None
            self._forget()
            return changed
        identity = (status.st_dev, status.st_ino)
        if identity == self._identity and status.st_size == self._size:
            self._file_size = self._size
            return False
        with _opened(self.path) as file:
            if file is None:
                return False
            if identity != self._identity or status.st_size < self._size or not self._continues(file):
                self._forget()
                self._identity = identity
            self._file_size = status.st_size
            self._read_on(file, min(status.st_size, self._size + _REFRESH))
        return True

    def _continues(self, file: int) -> bool:
        """Tell whether what was read last still stands where it stood."""
        return os.pread(file, len(self._tail), self._size - len(self._tail)) == self._tail

    def _read_on(self, file: int, end: int) -> None:
        while self._size < end:
            # Reads end on a multiple of the piece, so that blocks are counted whole where they can be.
            wanted = min(end - self._size, _PIECE - self._size % _PIECE)
            piece = os.pread(file, wanted, self._size)
            if not piece:
                break
            self._count(piece)
            self._size += len(piece)
            self._tail = (self._tail + piece[-_TAIL:])[-_TAIL:]

    def _count(self, piece: bytes) -> None:
        start = 0
        while start < len(piece):
            end = min(len(piece), start + BLOCK - (self._size + start) % BLOCK)
            self._newlines += piece.count(_NEWLINE, start, end)
            if (self._size + end) % BLOCK == 0:
                self._after_block.append(self._newlines)
            start = end

    def offset_of(self, line: int) -> int:
        """Tell at which byte a line starts.

        Parameters
        ----------
        line
            Its number, counted from 0. Beyond the last line: the end of what is indexed.
        """
        if line <= 0:
            return 0
        if line > self._newlines:
            return self._size
        block = bisect_left(self._after_block, line)
        with _opened(self.path) as file:
            data = b"" if file is None else os.pread(file, BLOCK, block * BLOCK)
        skipped = line - self._newlines_before(block)
        parts = data.split(_NEWLINE, skipped)
        return block * BLOCK + len(data) - (len(parts[-1]) if len(parts) > skipped else 0)

    def lines_before(self, offset: int) -> int:
        """Tell how many lines have their end in the first so many bytes."""
        offset = min(max(0, offset), self._size)
        block = offset // BLOCK
        with _opened(self.path) as file:
            data = b"" if file is None else os.pread(file, offset - block * BLOCK, block * BLOCK)
        return self._newlines_before(block) + data.count(_NEWLINE)

    def _newlines_before(self, block: int) -> int:
        return self._after_block[block - 1] if block else 0

    def lines(self, first: int, count: int) -> list[str]:
        r"""Give the text of some lines.

        Bytes that are not UTF-8 are replaced. Where a line was written over with ``\r``, as progress bars
        do, what a terminal would show in the end is given. A line of more than 4096 characters is cut, and
        tells how many more there are (bytes, where they are more than 16 KB).

        Parameters
        ----------
        first
            Number of the first line, counted from 0.
        count
            How many; fewer come where the file ends.
        """
        return self.lines_with_ends(first, count)[0]

    def lines_with_ends(self, first: int, count: int) -> tuple[list[str], list[int]]:
        """Give the same as :meth:`lines`, and for each line the byte after its end."""
        count = min(count, self.total - max(first, 0))
        if count <= 0:
            return [], []
        found: list[str] = []
        ends: list[int] = []
        offset = self.offset_of(first)
        line = _Line()
        with _opened(self.path) as file:
            while file is not None and len(found) < count and offset < self._size:
                offset = self._skip(offset, line)
                piece = os.pread(file, min(BLOCK - offset % BLOCK, self._size - offset), offset)
                if not piece:
                    break
                *ended, rest = piece.split(_NEWLINE)
                end = offset
                for part in ended[: count - len(found)]:
                    line.add(part)
                    found.append(line.text())
                    line = _Line()
                    end += len(part) + 1
                    ends.append(end)
                line.add(rest)
                offset += len(piece)
        if len(found) < count and offset >= self._size:
            found.append(line.text())
            ends.append(self._size)
        return found, ends

    def _skip(self, offset: int, line: _Line) -> int:
        """Pass over blocks that hold nothing but the middle of one line."""
        if not line.is_long or offset % BLOCK:
            return offset
        here = offset // BLOCK
        with_newline = bisect_right(self._after_block, self._newlines_before(here))
        # The block before the line's end is read too: a progress bar's last state may begin there.
        target = max(offset, (min(with_newline, self._size // BLOCK) - 1) * BLOCK)
        line.length += target - offset
        return target

    def search(self, query: str, case: bool = False) -> tuple[int, list[int]]:
        """Find the lines that contain a text, in the whole file; escape sequences do not count as text.

        Parameters
        ----------
        query
            What to look for, as it stands: no pattern.
        case
            Whether upper and lower case differ.

        Returns
        -------
        tuple of int and list of int
            How many lines contain it, and the first 10,000 of their numbers, counted from 0.
        """
        if not query or "\n" in query:
            return 0, []
        contains = _matcher(query, case)
        numbers: list[int] = []
        total = 0
        last = -1
        for first, piece in self._pieces(len(query.encode())):
            matches = [first + number for number in contains(piece)]
            if matches and matches[0] == last:
                del matches[0]
            if matches:
                last = matches[-1]
                total += len(matches)
                numbers += matches[: MOST_MATCHES - len(numbers)]
        return total, numbers

    def _pieces(self, overlap: int) -> Iterator[tuple[int, bytes]]:
        """Give the file in pieces of whole lines, with the number of each piece's first line.

        The file is read and not mapped: a mapped file that is truncated ends the process. A line that is
        longer than a piece comes in several, which overlap so that nothing is missed between them.
        """
        rest = b""
        with _opened(self.path) as file:
            for start in range(0, self._size if file is not None else 0, _PIECE):
                data = os.pread(file, min(_PIECE, self._size - start), start) if file is not None else b""
                if not data:
                    break
                first = self._newlines_before(start // BLOCK)
                end = data.rfind(_NEWLINE) + 1
                if end:
                    yield first, rest + data[:end]
                    rest = data[end:]
                else:
                    rest += data
                    if len(rest) >= _PIECE:
                        yield first, rest
                        rest = rest[-overlap:]
        if rest:
            yield self._newlines, rest


class _Line:
    """One line while its parts are read: the beginning of what it shows, and how long that is."""

    def __init__(self) -> None:
        self.head = b""
        self.length = 0
        self._read = 0
        self._returned = False

    @property
    def is_long(self) -> bool:
        return self._read >= _HEAD

    def add(self, part: bytes) -> None:
        self._read += len(part)
        shown = part.rstrip(b"\r")
        if shown and (self._returned or b"\r" in shown):
            shown = shown.rpartition(b"\r")[2]
            self.head = b""
            self.length = 0
        if part:
            self._returned = part.endswith(b"\r")
        if len(self.head) < _HEAD:
            self.head += shown[:_HEAD]
        self.length += len(shown)

    def text(self) -> str:
        text = self.head.decode("utf-8", "replace")
        more = max(0, len(text) - LONGEST_LINE) + self.length - len(self.head)
        return f"{text[:LONGEST_LINE]} … ({more} more characters)" if more else text


def _matcher(query: str, case: bool) -> Callable[[bytes], list[int]]:
    """Make the function that gives the numbers of the matching lines in a piece."""

    def in_bytes(piece: bytes) -> list[int]:
        piece = plain_bytes(piece)
        piece = piece if case else piece.lower()
        if wanted not in piece:
            return []
        return [number for number, line in enumerate(piece.split(_NEWLINE)) if wanted in line]

    def in_text(piece: bytes) -> list[int]:
        text = plain_bytes(piece).decode("utf-8", "replace").lower()
        if lowered not in text:
            return []
        return [number for number, line in enumerate(text.split("\n")) if lowered in line]

    lowered = query.lower()
    wanted = (query if case else lowered).encode("utf-8", "replace")
    # Bytes compare without case for ASCII only, and are several times faster.
    return in_bytes if case or query.isascii() else in_text


@contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    """Open a regular file for reading, or give None: it is gone, a link, a pipe, or not ours to read."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        yield file if S_ISREG(os.fstat(file).st_mode) else None
    finally:
        os.close(file)
