"""Pack files: the contents that snapshots keep, each stored once and found by its BLAKE3 digest.

Ten thousand small files are written five times faster into one file than into as many.
"""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, NamedTuple

import blake3

from .secrets import LOOK_INTO_BYTES, secret_in_content

if TYPE_CHECKING:
    from types import TracebackType

    from jupyter_ext.store.catalogue import Catalogue
    from jupyter_ext.store.paths import WorkspacePaths

_BLOCK = 4 * 1024 * 1024


class Stored(NamedTuple):
    """Where the content of a file lies: ``size`` bytes at ``offset`` of ``pack``; and what secret it holds."""

    digest: bytes
    size: int
    pack: str
    offset: int
    secret: str | None


class NewPack:
    """The pack of one snapshot: takes what no earlier pack holds, and is there whole or not at all."""

    def __init__(self, paths: WorkspacePaths, catalogue: Catalogue) -> None:
        paths.objects.mkdir(parents=True, exist_ok=True)
        self._name = f"{uuid.uuid4().hex}.pack"
        self._path = paths.objects / self._name
        self._part = paths.objects / f".{self._name}"
        self._file = self._part.open("wb", buffering=1 << 20)
        self._catalogue = catalogue
        self._earlier = catalogue if catalogue.has_objects() else None
        self._added: dict[bytes, int] = {}

    def __enter__(self) -> NewPack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._file.close()
            if kind is None and self._added:
                self._part.rename(self._path)
                self._catalogue.add_objects((digest, self._name, offset) for digest, offset in self._added.items())
        finally:
            self._part.unlink(missing_ok=True)

    def add(self, path: str, size: int) -> Stored:
        """Store the file at ``path``, of about ``size`` bytes.

        Raises
        ------
        OSError
            It cannot be read, or there is no space for it.
        """
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - the path is a str already
            if size > LOOK_INTO_BYTES:
                return self._add_blocks(file.fileno())
            data = file.readall()
        digest = blake3.blake3(data).digest()
        where = self._find(digest)
        if where is None:
            where = self._name, self._file.tell()
            self._file.write(data)
            self._added[digest] = where[1]
        return Stored(digest, len(data), *where, secret_in_content(data))

    def _add_blocks(self, file: int) -> Stored:
        begin = self._file.tell()
        hasher = blake3.blake3(max_threads=blake3.blake3.AUTO)
        size = 0
        while block := os.read(file, _BLOCK):
            hasher.update(block)
            self._file.write(block)
            size += len(block)
        digest = hasher.digest()
        where = self._find(digest)
        if where is None:
            where = self._name, begin
            self._added[digest] = begin
        else:
            self._file.seek(begin)
            self._file.truncate()
        return Stored(digest, size, *where, None)

    def _find(self, digest: bytes) -> tuple[str, int] | None:
        if digest in self._added:
            return self._name, self._added[digest]
        return self._earlier.find_object(digest) if self._earlier else None
