"""Runs that pages look at: each is read once, however many look."""

from __future__ import annotations

import asyncio
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import msgspec

from jupyter_ext.core.runs.requests import answer
from jupyter_ext.core.runs.watch import RunWatch
from jupyter_ext.server.find import find_run
from jupyter_ext.server.threads import in_thread
from jupyter_ext.store.feed import TOPICS

if TYPE_CHECKING:
    from jupyter_ext.core.runs.requests import Answer
    from jupyter_ext.core.runs.run import Run
_KEPT_SECONDS = 60.0
"""How long a run is still watched when nobody looks: a page that is loaded again finds it as it left it."""


_FIRST_READ = 1024 * 1024
"""Bytes of metrics that are read before a page is told anything: a million points keep the log's end waiting."""


_PAUSE = 0.005
_LONGEST_PAUSE = 0.25
"""Seconds for which news that are not the run's state may gather, the more the more clients there are."""


class Told(NamedTuple):
    """The latest value of a topic, or several, ready to be sent: JSON, and the greatest number in it."""

    number: int
    json: bytes


class RunChannel:
    """A run, its topics' latest values as numbered events, and who has subscribed to them.

    Events live on the server's event loop; the run is read by the watcher's thread.

    Parameters
    ----------
    name
        What clients call it.
    run
        The run.
    """

    def __init__(self, name: str, run: Run) -> None:
        self.name = name
        self.epoch = uuid4().hex
        self.subscribers: set[Subscriber] = set()
        self._loop = asyncio.get_running_loop()
        self._watch = RunWatch(run, self)
        self._ended = False
        self._number = 0
        self._encoding = Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._events: dict[str, Told] = {}
        self._batches: dict[tuple[int, str | None], Told | None] = {}

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
        self.subscribers.add(subscriber)
        self.look_again()

    def look_again(self) -> None:
        """Go on watching a run whose end was told: its tags may have changed."""
        if self._ended:
            self._ended = False
            self._watch.start()

    def run_changed(self, topics: set[str]) -> None:
        """Encode new values, once for all subscribers; called by a thread."""
        with self._encoding:  # or an older value could be published after a newer one
            self._loop.call_soon_threadsafe(self._publish, self._encoded(topics))

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

    def _publish(self, values: dict[str, bytes]) -> None:
        for key, value in values.items():
            self._number += 1
            head = msgspec.json.encode({"topic": self.name, "event": key.partition(" ")[0], "n": self._number})
            self._events[key] = Told(self._number, head[:-1] + b',"data":' + value + b"}")
        self._batches.clear()
        if "run" in values:
            self._wake()
        elif self._timer is None:
            pause = min(_LONGEST_PAUSE, _PAUSE * len(self.subscribers))
            self._timer = self._loop.call_later(pause, self._wake)

    def _wake(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for subscriber in self.subscribers:
            subscriber.woken.set()

    def news(self, after: int, followed: str | None) -> Told | None:
        """Give all events after a number in one message, made once for all who know as much.

        They come in their order; of a topic that has changed again there is only the latest.
        """
        if (after, followed) not in self._batches:
            tail = _tail_of(followed) if followed else "tail"
            ours = [told for key, told in self._events.items() if not key.startswith("tail") or key == tail]
            new = sorted(told for told in ours if told.number > after)
            message = b'{"events":[' + b",".join(told.json for told in new) + b"]}"
            self._batches[after, followed] = Told(new[-1].number, message) if new else None
        return self._batches[after, followed]

    def ask(self, subscriber: Subscriber, message: dict[str, Any]) -> Answer:
        """Answer a request; called by a thread."""
        return answer(subscriber, self._watch, message)

    def follow(self, subscriber: Subscriber, file: str | None) -> None:
        """Let a subscriber's tail be that of one log; called by a thread."""
        if file:
            self._watch.feed.lines(file, 0, 0)
        subscriber.followed = file
        self.run_changed({"logs", "tail"})


class Subscriber:
    """One connection's interest in one run.

    Parameters
    ----------
    channel
        The run.
    sent
        The number of the last event that it has.
    woken
        Set when there is something to send.
    """

    def __init__(self, channel: RunChannel, sent: int, woken: asyncio.Event) -> None:
        self.channel = channel
        self.sent = sent
        self.woken = woken
        self.followed: str | None = None

    def news(self) -> bytes | None:
        """Give what is to be sent now."""
        told = self.channel.news(self.sent, self.followed)
        if told is None:
            return None
        self.sent = told.number
        return told.json

    def follow(self, file: str | None) -> None:
        """Let the tail be that of one log."""
        self.channel.follow(self, file)


class Channels:
    """The channels of a server."""

    def __init__(self) -> None:
        self._open: dict[str, asyncio.Task[RunChannel]] = {}

    async def subscribe(self, name: str, start: int, epoch: str, woken: asyncio.Event) -> Subscriber:
        """Subscribe to a topic, ``run/<workspace>/<run id>``, from an event on.

        Raises
        ------
        AzureMLException
            There is no such run.
        """
        opening = self._open.get(name)
        if opening is None:
            opening = self._open[name] = asyncio.create_task(self._make(name))
        try:
            channel = await asyncio.shield(opening)
        except Exception:
            if self._open.get(name) is opening:
                del self._open[name]
            raise
        subscriber = Subscriber(channel, start if epoch == channel.epoch else 0, woken)
        channel.join(subscriber)
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """End a subscription; a run that nobody looks at any more is watched a while longer."""
        channel = subscriber.channel
        channel.subscribers.discard(subscriber)
        if not channel.subscribers:
            self._close_later(channel)

    async def _make(self, name: str) -> RunChannel:
        channel = RunChannel(name, await in_thread(_run_of, name))
        await channel.open()
        self._close_later(channel)  # whoever asked may be gone by now
        return channel

    def _close_later(self, channel: RunChannel) -> None:
        asyncio.get_running_loop().call_later(_KEPT_SECONDS, self._close_unused, channel)

    def _close_unused(self, channel: RunChannel) -> None:
        opening = self._open.get(channel.name)
        if not channel.subscribers and opening is not None and opening.done() and opening.result() is channel:
            del self._open[channel.name]
            channel.close()


def _run_of(name: str) -> Run:
    kind, _, rest = name.partition("/")
    workspace, _, run_id = rest.partition("/")
    return find_run(workspace if kind == "run" else "", run_id)


def _tail_of(file: str) -> str:
    return f"tail {file}"
