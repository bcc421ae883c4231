"""Topics that pages subscribe to: each is read once, however many look."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import msgspec

from jupyter_ext.server.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_ext.core.runs.requests import Answer

_LOG = logging.getLogger(__name__)
_LONGEST_REST = 30.0
_PAUSE = 0.005
_LONGEST_PAUSE = 0.25
"""Seconds for which news that are not urgent may gather, the more the more clients there are."""


class Told(NamedTuple):
    """The latest value of a topic, or several, ready to be sent: JSON, and the greatest number in it."""

    number: int
    json: bytes


class Channel:
    """A topic's latest values as numbered events, and who has subscribed to them.

    A value has a key: the event's name, and after a space what it is of where there are several. Events live on the
    server's event loop; what they tell is read by threads.

    Parameters
    ----------
    name
        What clients call it.
    """

    urgent: frozenset[str] = frozenset()
    """The events that wait for no others."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.epoch = uuid4().hex
        self.subscribers: set[Subscriber] = set()
        self._loop = asyncio.get_running_loop()
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None
        self._events: dict[str, Told] = {}
        self._batches: dict[tuple[int, str | None], Told | None] = {}

    async def open(self) -> None:
        """Read what there is, and begin to watch."""
        raise NotImplementedError

    def close(self) -> None:
        """Watch no more."""

    def join(self, subscriber: Subscriber) -> None:
        """Tell a subscriber of everything from now on."""
        self.subscribers.add(subscriber)

    def look_again(self) -> None:
        """Look whether a request has changed anything."""

    def publish(self, values: Mapping[str, bytes]) -> None:
        """Tell new values, JSON by key, to all subscribers."""
        if not values:
            return
        for key, value in values.items():
            self._number += 1
            head = msgspec.json.encode({"topic": self.name, "event": _event_of(key), "n": self._number})
            self._events.pop(key, None)  # the latest come last
            self._events[key] = Told(self._number, head[:-1] + b',"data":' + value + b"}")
        self._batches.clear()
        if self.urgent & {_event_of(key) for key in values}:
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

        They come in their order; of what has changed again there is only the latest.
        """
        if (after, followed) not in self._batches:
            new = []
            for key, told in reversed(self._events.items()):
                if told.number <= after:
                    break
                if self.is_for(key, followed):
                    new.append(told)
            message = b'{"events":[' + b",".join(told.json for told in reversed(new)) + b"]}"
            self._batches[after, followed] = Told(new[0].number, message) if new else None
        return self._batches[after, followed]

    def is_for(self, key: str, followed: str | None) -> bool:
        """Tell whether a value is for a subscriber that follows a log."""
        del key, followed
        return True

    def ask(self, subscriber: Subscriber, message: dict[str, Any]) -> Answer:
        """Answer a request; called by a thread."""
        del subscriber
        return {"id": message["id"], "error": f"{self.name} answers no requests."}, []

    def follow(self, subscriber: Subscriber, file: str | None) -> None:
        """Let a subscriber's tail be that of one log; called by a thread."""
        del subscriber, file
        raise NotImplementedError


class PolledChannel(Channel):
    """A topic that is looked at again and again, as long as somebody has subscribed to it."""

    seconds = 1.0
    """Between two looks."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._task: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()

    async def open(self) -> None:
        """Read what there is."""
        await self._look()

    def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    def join(self, subscriber: Subscriber) -> None:
        """Tell a subscriber of everything from now on."""
        super().join(subscriber)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        pause = 0.0
        while self.subscribers:
            try:
                await self._look()
                pause = self.seconds
            except Exception:  # noqa: BLE001 - a disk that answers late, a damaged record: the next look may see it
                pause = min(_LONGEST_REST, 2 * pause + self.seconds)
                _LOG.warning("%s cannot be read; the next look is in %.0f s", self.name, pause, exc_info=True)
            await asyncio.sleep(pause)

    async def _look(self) -> None:
        async with self._looking:  # or an older value could be published after a newer one
            self.publish(await in_thread(self.look))

    def look(self) -> dict[str, bytes]:
        """Return what has changed since the last look, JSON by key; called by a thread."""
        raise NotImplementedError


class Subscriber:
    """One connection's interest in one topic.

    Parameters
    ----------
    channel
        The topic.
    sent
        The number of the last event that it has.
    woken
        Set when there is something to send.
    """

    def __init__(self, channel: Channel, sent: int, woken: asyncio.Event) -> None:
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


def _event_of(key: str) -> str:
    return key.partition(" ")[0]
