"""The topics of a server that are open, by name."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from jupyter_ext.server.channel import Subscriber
from jupyter_ext.server.computes import ComputesChannel
from jupyter_ext.server.environments import EnvironmentsChannel
from jupyter_ext.server.find import Unfound, find_run, find_workspace
from jupyter_ext.server.models import ModelsChannel
from jupyter_ext.server.run_channel import RunChannel
from jupyter_ext.server.runs_channel import RunsChannel
from jupyter_ext.server.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ext.server.channel import Channel

_KEPT_SECONDS = 60.0
"""How long a topic is kept when nobody looks: a page that is loaded again finds it as it left it."""

_OF_WORKSPACES: dict[str, Callable[[str, str], Channel]] = {
    "runs": RunsChannel,
    "computes": ComputesChannel,
    "environments": EnvironmentsChannel,
    "models": ModelsChannel,
}
"""The topics ``<kind>/<workspace>``."""


class Channels:
    """The channels of a server."""

    def __init__(self) -> None:
        self._open: dict[str, asyncio.Task[Channel]] = {}

    async def subscribe(self, name: str, start: int, epoch: str, woken: asyncio.Event) -> Subscriber:
        """Subscribe to a topic, such as ``run/<workspace>/<run id>`` or ``runs/<workspace>``, from an event on.

        Raises
        ------
        AzureMLException
            There is no such run or workspace.
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
        """End a subscription; what nobody looks at any more is kept a while longer."""
        channel = subscriber.channel
        channel.subscribers.discard(subscriber)
        if not channel.subscribers:
            self._close_later(channel)

    async def _make(self, name: str) -> Channel:
        channel = await _channel(name)
        await channel.open()
        self._close_later(channel)  # whoever asked may be gone by now
        return channel

    def _close_later(self, channel: Channel) -> None:
        asyncio.get_running_loop().call_later(_KEPT_SECONDS, self._close_unused, channel)

    def _close_unused(self, channel: Channel) -> None:
        opening = self._open.get(channel.name)
        if not channel.subscribers and opening is not None and opening.done() and opening.result() is channel:
            del self._open[channel.name]
            channel.close()


async def _channel(name: str) -> Channel:
    kind, _, rest = name.partition("/")
    workspace, _, run_id = rest.partition("/")
    if kind == "run":
        return RunChannel(name, await in_thread(find_run, workspace, run_id))
    make = _OF_WORKSPACES.get(kind)
    if make is None or run_id:
        raise Unfound(f"There is no topic {name!r}: subscribe to run/<workspace>/<run> or runs/<workspace>.")
    await in_thread(find_workspace, workspace)
    return make(name, workspace)
