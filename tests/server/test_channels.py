"""One reader of a run for all who look."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING

from parts.home_run import HomeRun

from jupyter_ext.server import channels
from jupyter_ext.server.channels import Channels
from jupyter_ext.store.feed import RunFeed
from jupyter_ext.store.watcher import WATCHER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

_CLIENTS = 50


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def test_fifty_clients_cost_one_reading(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = HomeRun(home, "birds_1")
    read: Counter[str] = Counter()
    topic, refresh = RunFeed.topic, RunFeed.refresh
    monkeypatch.setattr(RunFeed, "topic", lambda feed, name: (read.update([name]), topic(feed, name))[1])
    monkeypatch.setattr(RunFeed, "refresh", lambda feed: (read.update(["refresh"]), refresh(feed))[1])

    async def watch() -> None:
        open_channels = Channels()
        woken = asyncio.Event()
        name = f"run/default/{run.live.id}"
        subscribers = await asyncio.gather(*(open_channels.subscribe(name, 0, "", woken) for _ in range(_CLIENTS)))
        assert len({one.channel for one in subscribers}) == 1
        await _until(lambda: len(list(subscribers[0].pending())) == len(channels.TOPICS))
        told, before = max(event.number for event in subscribers[0].pending()), read["tail"]
        run.live.print("one more line\n")
        await _until(lambda: any(event.number > told for event in subscribers[-1].pending()))
        events = [list(one.pending()) for one in subscribers]
        assert all(one == events[0] for one in events)
        assert read["tail"] == before + 1
        for one in subscribers:
            open_channels.leave(one)
        subscribers[0].channel.close()
        await _until(lambda: not WATCHER.is_running)

    asyncio.run(watch())


def test_a_run_that_nobody_looks_at_is_read_no_more(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "_KEPT_SECONDS", 0.0)
    run = HomeRun(home, "birds_1")

    async def watch() -> None:
        open_channels = Channels()
        subscriber = await open_channels.subscribe(f"run/default/{run.live.id}", 0, "", asyncio.Event())
        assert WATCHER.is_running
        open_channels.leave(subscriber)
        await _until(lambda: not WATCHER.is_running)

    asyncio.run(watch())
