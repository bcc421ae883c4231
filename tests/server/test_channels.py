"""One reader of a run for all who look."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from typing import TYPE_CHECKING

from parts.home_run import HomeRun

from jupyter_ext.server import channels
from jupyter_ext.server.channels import Channels
from jupyter_ext.store.live.feed import TOPICS, RunFeed
from jupyter_ext.store.live.watcher import WATCHER

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
    monkeypatch.setattr(RunFeed, "refresh", lambda feed, *limit: (read.update(["refresh"]), refresh(feed, *limit))[1])

    async def watch() -> None:
        open_channels = Channels()
        woken = asyncio.Event()
        name = f"run/default/{run.live.id}"
        subscribers = await asyncio.gather(*(open_channels.subscribe(name, 0, "", woken) for _ in range(_CLIENTS)))
        woken.clear()
        assert len({one.channel for one in subscribers}) == 1
        await _until(lambda: WATCHER.is_running and len(subscribers[0].channel._events) == len(TOPICS))
        told = [json.loads(one.news() or b"") for one in subscribers]
        assert {event["event"] for event in told[0]["events"]} == set(TOPICS)
        woken.clear()
        assert [one.news() for one in subscribers] == [None] * _CLIENTS
        before = read["tail"]
        run.live.print("one more line\n")
        first = subscribers[0]
        await _until(lambda: first.channel.news(first.sent, None) is not None)
        await asyncio.wait_for(woken.wait(), 20)
        news = [one.news() for one in subscribers]
        assert news[0] is not None
        assert all(one is news[0] for one in news)
        assert read["tail"] == before + 1
        for one in subscribers:
            open_channels.leave(one)
        subscribers[0].channel.close()
        await _until(lambda: not WATCHER.is_running)

    asyncio.run(watch())


def test_a_run_that_nobody_looks_at_is_read_no_more(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = HomeRun(home, "birds_1")

    async def watch() -> None:
        open_channels = Channels()
        subscriber = await open_channels.subscribe(f"run/default/{run.live.id}", 0, "", asyncio.Event())
        await _until(lambda: WATCHER.is_running)
        monkeypatch.setattr(channels, "_KEPT_SECONDS", 0.0)
        open_channels.leave(subscriber)
        await _until(lambda: not WATCHER.is_running)

    asyncio.run(watch())


def test_a_run_whose_asker_went_away_is_read_no_more(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = HomeRun(home, "birds_1")
    monkeypatch.setattr(channels, "_KEPT_SECONDS", 0.0)

    async def watch() -> None:
        open_channels = Channels()
        asking = asyncio.create_task(open_channels.subscribe(f"run/default/{run.live.id}", 0, "", asyncio.Event()))
        await asyncio.sleep(0)
        asking.cancel()
        assert open_channels._open
        await _until(lambda: not open_channels._open and not WATCHER.is_running)
        assert asking.cancelled()

    asyncio.run(watch())
