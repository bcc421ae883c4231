"""The topic of one run: what its monitor shows."""

from __future__ import annotations

import asyncio
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.core.runs.requests import answer
from jupyter_ext.core.runs.watch import RunWatch
from jupyter_ext.server.channel import Channel
from jupyter_ext.server.threads import in_thread
from jupyter_ext.store.live.feed import TOPICS

if TYPE_CHECKING:
    from collections.abc import Collection

    from jupyter_ext.core.runs.requests import Answer
    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.server.channel import Subscriber

_FIRST_READ = 1024 * 1024
"""Bytes of metrics that are read before a page is told of any: the first charts wait for no million points."""

_SOON = frozenset({"run", "phases", "logs", "tail"})


class RunChannel(Channel):
    """A run that pages look at, read by the watcher's thread.

    Parameters
    ----------
    name
        What clients call it.
    run
        The run.
    """

    urgent = frozenset({"run"})

    def __init__(self, name: str, run: Run) -> None:
        super().__init__(name)
        self._watch = RunWatch(run, self)
        self._ended = False
        self._is_closed = False
        self._reading: asyncio.Task[None] | None = None
        self._encoding = Lock()

    async def open(self) -> None:
        """Read what is soon read, and begin to watch: the end of a log waits for no metrics."""
        await in_thread(self._watch.feed.glance)
        await in_thread(self.run_changed, _SOON)
        self._reading = asyncio.create_task(in_thread(self._read))

    def _read(self) -> None:
        """Read the rest piece by piece, and leave what comes later to the watcher; called by a thread."""
        try:
            self._watch.feed.refresh(_FIRST_READ)
            self.run_changed(set(TOPICS) - _SOON)
            while not self._is_closed and not self._watch.feed.complete:
                self.run_changed(self._watch.feed.refresh())
        finally:
            self._loop.call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        if not self._is_closed:
            self._watch.start()

    def close(self) -> None:
        """Watch no more."""
        self._is_closed = True
        self._watch.stop()

    def join(self, subscriber: Subscriber) -> None:
        """Tell a subscriber of everything from now on."""
        super().join(subscriber)
        self.look_again()

    def look_again(self) -> None:
        """Go on watching a run whose end was told: its tags may have changed."""
        if self._ended:
            self._ended = False
            self._watch.start()

    def run_changed(self, topics: Collection[str]) -> None:
        """Encode new values, once for all subscribers; called by a thread."""
        with self._encoding:  # or an older value could be published after a newer one
            self._loop.call_soon_threadsafe(self.publish, self._encoded(topics))

    def _encoded(self, topics: Collection[str]) -> dict[str, bytes]:
        feed = self._watch.feed
        values = {topic: msgspec.json.encode(feed.topic(topic)) for topic in TOPICS if topic in topics}
        if "logs" in topics:
            followed = {one.followed for one in tuple(self.subscribers) if one.followed}
            values |= {_tail_of(file): msgspec.json.encode(feed.tail(file)) for file in followed}
        return values

    def run_ended(self) -> None:
        """Note that the watcher has gone; called by a thread."""
        self._loop.call_soon_threadsafe(setattr, self, "_ended", True)

    def is_for(self, key: str, followed: str | None) -> bool:
        """Tell whether a value is for a subscriber that follows a log: the tail of another is not."""
        return not key.startswith("tail") or key == (_tail_of(followed) if followed else "tail")

    def ask(self, subscriber: Subscriber, message: dict[str, Any]) -> Answer:
        """Answer a request; called by a thread."""
        return answer(subscriber, self._watch, message)

    def follow(self, subscriber: Subscriber, file: str | None) -> None:
        """Let a subscriber's tail be that of one log; called by a thread."""
        if file:
            self._watch.feed.lines(file, 0, 0)
        subscriber.followed = file
        self.run_changed({"logs", "tail"})


def _tail_of(file: str) -> str:
    return f"tail {file}"
