"""The archive of a build context on its way to the engine."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from jupyter_ext.build import contexts
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.build.contexts import Context
    from jupyter_ext.build.reporter import Reporter

_BLOCK = 1 << 20
_PERIOD = 0.5  # seconds between two reports of how much has been sent


@contextmanager
def archive(context: Context, reporter: Reporter) -> Iterator[Sent]:
    """Give the archive of a context, as the engine takes it."""
    with contexts.tar(context) as file:
        yield Sent(file, reporter)


class Sent:
    """A file that tells how much of it has been read."""

    def __init__(self, file: IO[bytes], reporter: Reporter) -> None:
        self._file = file
        self._reporter = reporter
        self._size = file.seek(0, 2)
        self._told = time.monotonic()
        file.seek(0)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        while data := self.read():
            yield data

    def read(self, size: int = _BLOCK) -> bytes:
        """Return the next bytes."""
        if time.monotonic() - self._told > _PERIOD:
            self._told = time.monotonic()
            sent = f"Sent {size_text(self._file.tell())} of {size_text(self._size)}"
            self._reporter.line(sent, lasting=False)
        return self._file.read(size)
