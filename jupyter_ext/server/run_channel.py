"""The topic of one run: what its monitor shows."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.core.runs.requests import answer
from jupyter_ext.core.runs.watch import RunWatch
from jupyter_ext.server.channel import Channel
from jupyter_ext.server.threads import in_thread
from jupyter_ext.store.feed import TOPICS

if TYPE_CHECKING:
    from jupyter_ext.core.runs.requests import Answer
    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.server.channel import Subscriber

_FIRST_READ = 1024 * 1024
"""Bytes of metrics that are read before a page is told anything: a million points keep the log's end waiting."""


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
        self._encoding = Lock()

    async def open(self) -> None:
        """Read what there is, and begin to watch."""
        await in_thread(self._watch.feed.refresh, _FIRST_READ)
        await in_thread(self.run_changed, set(TOPICS))
        self._watch.start()

    def close(self) -> None:
        """Watch no more."""
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

    def run_changed(self, topics: set[str]) -> None:
        """Encode new values, once for all subscribers; called by a thread."""
        with self._encoding:  # or an older value could be published after a newer one
            self._loop.call_soon_threadsafe(self.publish, self._encoded(topics))

    def _encoded(self, topics: set[str]) -> dict[str, bytes]:
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
