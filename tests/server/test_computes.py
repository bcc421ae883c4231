"""What the compute section of the panel is told: whose a GPU is, and who waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from parts.home_run import HomeRun
from parts.nvml import cards

from jupyter_ext.server.computes import ComputesChannel
from jupyter_ext.store.queueing.gpu_leases import gpu_book
from jupyter_ext.store.queueing.queue import Queue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from parts.events_page import Page
    from parts.jupyter_server import JupyterServer

__all__ = ["cards"]


def test_a_gpu_is_told_with_its_clock_and_its_run(home: Path, cards: Callable[..., None]) -> None:
    cards(2)
    run = HomeRun(home, "has_one_1")
    with gpu_book() as book:
        book.take(run.live.paths, 1)

    async def opened() -> ComputesChannel:  # it is told on an event loop, and looks in a thread
        return ComputesChannel("computes/default", "default")

    channel = asyncio.run(opened())
    gpus = msgspec.json.decode(channel.look()["machine"])["gpus"]
    assert [gpu["run"] for gpu in gpus] == ["has_one_1", None]
    assert all(gpu["clock"] > 0 for gpu in gpus)
    with gpu_book() as book:
        book.release(run.live.paths)
    run.end()
    gpus = msgspec.json.decode(channel.look()["machine"])["gpus"]
    assert [gpu["run"] for gpu in gpus] == [None, None]


def test_a_row_tells_its_place_in_line(server: JupyterServer, connect: Callable[..., Page]) -> None:
    names = ["waits_1", "waits_2", "waits_3"]
    runs = [HomeRun(server.home, name) for name in names]
    page = connect(server)
    page.subscribe("runs/default")
    queue = Queue(runs[0].catalogue)
    for run in runs:
        queue.enter(run.live.id, "local", 1)
    assert [paths.run_id for paths in queue.advance("local")] == ["waits_1"]
    for run in runs[1:]:
        run.live.event(50.0, status="Queued")

    def at(name: str, place: int | None) -> Callable[[dict[str, Any]], bool]:
        return lambda row: (row["id"], row["place"]) == (name, place)

    page.read_event("row", at("waits_3", 2))
    queue.leave(runs[1].live.id)
    runs[1].end("Canceled")
    page.read_event("row", at("waits_3", 1))
    page.read_event("row", at("waits_2", None))
    for run in (runs[0], runs[2]):
        queue.leave(run.live.id)
        run.end()
