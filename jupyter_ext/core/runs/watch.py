"""A run that is watched: what is told of it, and when."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from jupyter_ext.store.live.feed import TOPICS, RunFeed
from jupyter_ext.store.live.watcher import WATCHER

if TYPE_CHECKING:
    from .run import Run

_RARELY = frozenset({"metrics", "nodes", "files", "trials", "details"})
_RARE_SECONDS = 1.0
_TEND_SECONDS = 5.0


class RunListener(Protocol):
    """Who is told of a run, by the watcher's thread."""

    def run_changed(self, topics: set[str]) -> None:
        """Topics have new values: what changes fast at once, what is large at most once a second."""

    def run_ended(self) -> None:
        """All has been told: the run came to its end, and everything it wrote was read."""


class RunWatch:
    """Reads a run as it grows, by the thread of the process's watcher.

    Parameters
    ----------
    run
        The run. Its state is asked for every few seconds, so that a run whose runner was killed is adopted.
    listener
        Who is told.
    """

    def __init__(self, run: Run, listener: RunListener) -> None:
        self.run = run
        self.feed = RunFeed(run.paths)
        self._listener = listener
        self._waiting: set[str] = set()
        self._rare_at = 0.0
        self._tend_at = time.monotonic() + _TEND_SECONDS
        self._is_stopped = False

    def start(self) -> None:
        """Begin to watch, or look again at a run whose end has been told."""
        self._is_stopped = False
        WATCHER.add(self)

    def stop(self) -> None:
        """Watch no more."""
        self._is_stopped = True
        WATCHER.remove(self)

    def look(self) -> bool | None:
        """Read what is new and tell of it; called by the watcher."""
        if self._is_stopped:
            return None
        changed = self.feed.refresh()
        self._tell(changed)
        if self.feed.has_ended and not changed and self.feed.complete:
            self.feed.read_all()
            self._tell(set(TOPICS))
            self._listener.run_ended()
            return None
        if not changed:
            self._tend()
        return bool(changed) or not self.feed.complete

    def _tell(self, changed: set[str]) -> None:
        self._waiting |= changed
        now = time.monotonic()
        ready = self._waiting - _RARELY
        if now >= self._rare_at or self.feed.has_ended:
            ready = self._waiting
            if ready & _RARELY:
                self._rare_at = now + _RARE_SECONDS
        self._waiting = self._waiting - ready
        if ready and not self._is_stopped:
            self._listener.run_changed(ready)

    def _tend(self) -> None:
        """Ask for the run's state now and then: whoever asks sees to it that the run goes on."""
        if time.monotonic() >= self._tend_at:
            self._tend_at = time.monotonic() + _TEND_SECONDS
            with suppress(Exception):
                self.run.get_status()
