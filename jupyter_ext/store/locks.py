"""Locks that end with their holder, whatever ends it.

A process that is killed cannot tidy up after itself, and its process id may be given to another. ``flock`` on a file
is let go by the kernel when the holder dies, so "is it alive?" is "is its file locked?". The lock belongs to the open
file, so whoever starts a process can take the lock for it and let it inherit the file.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_TRIES = 10
_LOOK_SECONDS = 0.003


class Lock:
    """An exclusive lock on a file, held until :meth:`release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    @classmethod
    def inherited(cls, path: Path, fd: int) -> Lock:
        """Return the lock that another process has taken for this one; ``fd`` is its open file."""
        os.set_inheritable(fd, False)
        lock = cls(path)
        lock._fd = fd
        return lock

    def fileno(self) -> int:
        """Return the open file of a lock that is held."""
        assert self._fd is not None  # noqa: S101 - whoever asks holds it
        return self._fd

    def acquire(self, *, wait: bool = False) -> bool:
        """Take the lock; return whether it is ours now."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            taken = _take(fd, wait=wait)
        except BaseException:
            os.close(fd)
            raise
        if taken:
            self._fd = fd
        else:
            os.close(fd)
        return taken

    def release(self) -> None:
        """Let the lock go; harmless when it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _take(fd: int, *, wait: bool) -> bool:
    """Take the lock; whoever just looks whether it is held, holds it for a moment, and is not taken for its holder."""
    for _ in range(_TRIES):
        if _try(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB)):
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _try(fd: int, operation: int) -> bool:
    try:
        fcntl.flock(fd, operation)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path) -> bool:
    """Tell whether a living process holds the lock on ``path``."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock on ``path``, waiting for it where another has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = Lock(path)
    lock.acquire(wait=True)
    try:
        yield
    finally:
        lock.release()
