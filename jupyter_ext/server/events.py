"""The WebSocket: topics that are subscribed to, and requests about them."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import ensure_async
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.server.channels import Channels
from jupyter_ext.server.handler import RESOURCE
from jupyter_ext.server.threads import in_thread

if TYPE_CHECKING:
    from jupyter_ext.server.channel import Subscriber

_READING = frozenset(
    {"lines", "line_at", "search", "series", "file", "follow", "runs", "compare", "snapshot", "snapshot_file"}
)
_READING |= {"reproduce", "previous"}


class EventsHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One page's connection.

    It says ``{"op": "subscribe", "topic", "from", "epoch"}`` and is told
    ``{"events": [{"topic", "event", "n", "data"}]}``, what came after number ``from``, or everything where the epoch is
    another; ``{"op": "unsubscribe", "topic"}``; and ``{"op": "request", "topic", "id", "request", "params"}``, answered
    by ``{"id", "ok" or "error", "buffers"}`` and as many binary messages as ``buffers`` says.
    """

    auth_resource = RESOURCE

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Open the connection for a user who may read."""
        if self.current_user is None or not await self._may("read"):
            raise HTTPError(403)
        await super().get(*args, **kwargs)

    async def _may(self, action: str) -> bool:
        return bool(await ensure_async(self.authorizer.is_authorized(self, self.current_user, action, RESOURCE)))

    def open(self, *args: str, **kwargs: str) -> None:
        """Begin to send what there is to tell."""
        super().open(*args, **kwargs)
        self._channels: Channels = self.settings.setdefault("aml_channels", Channels())
        self._subscribers: dict[str, Subscriber] = {}
        self._woken = asyncio.Event()
        self._tasks = {asyncio.create_task(self._tell()), asyncio.create_task(in_thread(warm_up))}

    def on_close(self) -> None:
        """End the subscriptions."""
        for task in self._tasks:
            task.cancel()
        for subscriber in self._subscribers.values():
            self._channels.leave(subscriber)
        self._subscribers.clear()
        super().on_close()

    def on_message(self, message: str | bytes) -> None:
        """Carry out what the page asks; requests are answered as they are done."""
        try:
            asked = msgspec.json.decode(message, type=_Asked)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.close(1007, str(error)[:100])
            return
        task = asyncio.create_task(self._OPERATIONS[asked.op](self, asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _subscribe(self, asked: _Asked) -> None:
        known = self._subscribers.pop(asked.topic, None)
        if known is not None:
            self._channels.leave(known)
        try:
            subscriber = await self._channels.subscribe(asked.topic, asked.start, asked.epoch, self._woken)
        except AzureMLException as error:
            await self._write({"topic": asked.topic, "error": error.message})
            return
        except Exception as error:  # the page shows what was saved, and the log why
            self.log.exception("%s cannot be read", asked.topic)
            await self._write({"topic": asked.topic, "error": f"{type(error).__name__}: {error}"})
            return
        if self.ws_connection is None or asked.topic in self._subscribers:
            self._channels.leave(subscriber)
            return
        await self._write({"topic": asked.topic, "epoch": subscriber.channel.epoch})
        self._subscribers[asked.topic] = subscriber
        self._woken.set()

    async def _unsubscribe(self, asked: _Asked) -> None:
        subscriber = self._subscribers.pop(asked.topic, None)
        if subscriber is not None:
            self._channels.leave(subscriber)

    async def _request(self, asked: _Asked) -> None:
        subscriber = self._subscribers.get(asked.topic)
        if subscriber is None:
            await self._write({"id": asked.id, "error": f"Subscribe to {asked.topic} before asking about it."})
            return
        if asked.request not in _READING and not await self._may("write"):
            await self._write({"id": asked.id, "error": "You may look at this run, but not change it."})
            return
        message = {"id": asked.id, "op": asked.request, "params": asked.params}
        reply, buffers = await in_thread(subscriber.channel.ask, subscriber, message)
        if asked.request not in _READING:
            subscriber.channel.look_again()
        self._woken.set()
        await self._write({**reply, "buffers": len(buffers)}, *buffers)

    _OPERATIONS = {"subscribe": _subscribe, "unsubscribe": _unsubscribe, "request": _request}  # noqa: RUF012 - a table

    async def _write(self, message: dict[str, Any], *buffers: bytes) -> None:
        """Send a message with the buffers that belong to it, nothing in between."""
        try:
            done = self.write_message(msgspec.json.encode(message))
            for buffer in buffers:
                done = self.write_message(buffer, binary=True)
            await done
        except WebSocketClosedError:
            pass  # it will ask again when it is back

    async def _tell(self) -> None:
        """Send events, some when those before have left: to a slow reader the latest values go, not every one."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            for subscriber in tuple(self._subscribers.values()):
                news = subscriber.news()
                if news is not None:
                    try:
                        await self.write_message(news)
                    except WebSocketClosedError:
                        return


@cache
def warm_up() -> None:
    """Import what draws charts when the first page is there, so that its first monitor need not wait for it."""
    import numpy as np  # noqa: F401, PLC0415 - 0.1 s


class _Asked(msgspec.Struct, rename={"start": "from"}):
    """What a page may say."""

    op: Literal["subscribe", "unsubscribe", "request"]
    topic: str
    start: int = 0
    epoch: str = ""
    id: int = 0
    request: str = ""
    params: dict[str, Any] = {}
