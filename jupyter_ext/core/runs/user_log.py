"""What a notebook prints while one of its own runs is open, kept with the run."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from pathlib import Path


class UserLog:
    """Stands in for stdout: what is printed goes there, and into a file of the run (v1's ``logs/user_log.txt``).

    Parameters
    ----------
    file
        The file; it is made when something is printed.
    stdout
        Where it goes as well.
    """

    def __init__(self, file: Path, stdout: TextIO) -> None:
        self._path = file
        self._stdout = stdout
        self._file: TextIO | None = None
        self._closed = False
        sys.stdout = self

    def write(self, text: str) -> int:
        """Print, and keep what is printed until it is closed: a handler of ``logging`` may hold on to it."""
        if not self._closed:
            if self._file is None:
                self._file = self._path.open("a", encoding="utf-8", buffering=1)
            with contextlib.suppress(OSError):  # a full disk must not stop what is printed
                self._file.write(text)
        return self._stdout.write(text)

    def close(self) -> None:
        """Give stdout back, unless something else has taken it meanwhile."""
        self._closed = True
        while isinstance(sys.stdout, UserLog) and sys.stdout._closed:  # runs may end in any order
            sys.stdout = sys.stdout._stdout
        if self._file is not None:
            self._file.close()
            self._file = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stdout, name)
