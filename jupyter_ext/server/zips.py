"""Zip files that are written as they are sent: nothing of them is held on disk, and little in memory."""

from __future__ import annotations

import os
import time
import zipfile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

_PIECE = 1024 * 1024
_EARLIEST = (1980, 1, 1, 0, 0, 0)


class Member(NamedTuple):
    """A file that goes into a zip.

    Parameters
    ----------
    name
        What it is called there.
    path
        The file.
    offset, size
        The part of it that is meant; None for all of it.
    """

    name: str
    path: str
    offset: int = 0
    size: int | None = None


class _Out:
    """What a zip file is written to: it is taken away as it comes."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0

    def write(self, data: bytes, /) -> int:
        self._held += data
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def take(self) -> bytes:
        data = bytes(self._held)
        self._held.clear()
        return data


def plain(member: Member) -> Generator[bytes]:
    """Yield a file piece by piece."""
    file = os.open(member.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        at = 0
        while data := os.pread(file, _PIECE, at):
            at += len(data)
            yield data
    finally:
        os.close(file)


def zipped(members: Iterable[Member]) -> Generator[bytes]:
    """Yield a zip file piece by piece. What is gone by the time that it is read, or is no file, is left out."""
    out = _Out()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            yield from _written(archive, out, member)
    yield out.take()


def _written(archive: zipfile.ZipFile, out: _Out, member: Member) -> Iterator[bytes]:
    try:
        file = os.open(member.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return
    try:
        status = os.fstat(file)
        left = status.st_size - member.offset if member.size is None else member.size
        info = zipfile.ZipInfo(member.name, max(_EARLIEST, time.localtime(status.st_mtime)[:6]))
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = (status.st_mode & 0o777 | 0o100000) << 16
        info.file_size = left
        at = member.offset
        with archive.open(info, "w", force_zip64=left > zipfile.ZIP64_LIMIT // 2) as to:
            while left > 0 and (data := os.pread(file, min(left, _PIECE), at)):
                at += len(data)
                left -= to.write(data)
                yield out.take()
    finally:
        os.close(file)
