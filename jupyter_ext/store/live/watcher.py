"""One thread that watches every live run of the process that somebody looks at."""

from __future__ import annotations

import os
import threading
import time
from typing import Protocol

SHORTEST_WAIT = 0.1
"""Seconds between two looks while things change."""

LONGEST_WAIT = 1.0
"""Seconds between two looks when nothing does."""

_SLOWDOWN = 1.5
_MOST_FAILURES = 5


class Watched(Protocol):
    """What the watcher looks at."""

    def look(self) -> bool | None:
        """Look once: True where something changed, None where there is nothing more to come."""


class Watcher:
    """Calls ``look`` on each of what it watches, less often while nothing changes.

    Its thread starts with the first, and ends with the last. What a look raises never reaches a cell, since a
    thread's output would land in whichever cell ran last: it looks again, as at a disk that answers late, and
    gives that one up when it goes wrong time after time.
    """

    def __init__(self) -> None:
        self._woken = threading.Condition()
        self._due: dict[Watched, float] = {}
        self._waits: dict[Watched, float] = {}
        self._failures: dict[Watched, int] = {}
        self._thread: threading.Thread | None = None
        self._process = os.getpid()

    @property
    def is_running(self) -> bool:
        """Whether the thread lives."""
        with self._woken:
            return self._thread is not None

    def add(self, watched: Watched) -> None:
        """Begin to look at something."""
        with self._woken:
            if self._process != os.getpid():
                # A forked child has no thread of its parent's, and none of its monitors.
                self._process, self._thread = os.getpid(), None
                self._due, self._waits, self._failures = {}, {}, {}
            self._due[watched] = time.monotonic() + SHORTEST_WAIT
            self._waits[watched] = SHORTEST_WAIT
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="aml-monitor", daemon=True)
                self._thread.start()
            self._woken.notify()

    def remove(self, watched: Watched) -> None:
        """Look at something no more."""
        with self._woken:
            self._forget(watched)
            self._woken.notify()

    def _forget(self, watched: Watched) -> None:
        self._due.pop(watched, None)
        self._waits.pop(watched, None)
        self._failures.pop(watched, None)

    def _watch(self) -> None:
        while True:
            watched = self._next()
            if watched is None:
                return
            try:
                changed = watched.look()
            except Exception:  # noqa: BLE001 - whatever it is, the other monitors go on
                changed = self._failed(watched)
            else:
                self._failures.pop(watched, None)
            self._put_off(watched, changed)

    def _failed(self, watched: Watched) -> bool | None:
        failures = self._failures.get(watched, 0) + 1
        self._failures[watched] = failures
        return None if failures >= _MOST_FAILURES else False

    def _next(self) -> Watched | None:
        with self._woken:
            while self._due:
                watched = min(self._due, key=self._due.__getitem__)
                wait = self._due[watched] - time.monotonic()
                if wait <= 0:
                    return watched
                self._woken.wait(wait)
            self._thread = None
            return None

    def _put_off(self, watched: Watched, changed: bool | None) -> None:
        with self._woken:
            if changed is None:
                self._forget(watched)
            elif watched in self._due:
                wait = SHORTEST_WAIT if changed else min(LONGEST_WAIT, _SLOWDOWN * self._waits[watched])
                self._waits[watched] = wait
                self._due[watched] = time.monotonic() + wait


WATCHER = Watcher()
"""The process's own."""
