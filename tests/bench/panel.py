"""The side panel with ten thousand runs, in a real JupyterLab: how soon it is there, and what twenty live runs cost."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from e2e.lab import WAIT_MS, Lab, browser_page, execute
from parts.home_run import HomeRun
from parts.many_runs import write_ended_runs

from tests.bench.browser import FRAMES, WORST
from tests.bench.table import Row, at_most, median_of

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

_OLD = 10_000
_STREAMING = 20
_STREAM_SECONDS = 10.0
_FIRST_PAINT = """() => new Promise(done => {
    const began = performance.now();
    window.jupyterapp.commands.execute('aml:show-panel');
    const look = () => document.querySelector('.jp-AmlPanel .jp-AmlRun')
        ? requestAnimationFrame(() => done(performance.now() - began)) : requestAnimationFrame(look);
    look();
})"""
_SEEN = """([name, word]) => new Promise(done => {
    const look = () => document.querySelector(`.jp-AmlPanel [data-key="run ${name}"]`)?.ariaLabel.includes(word)
        ? done(Date.now() / 1000) : requestAnimationFrame(look);
    look();
})"""


def measure(place: Path) -> list[Row]:
    lab = Lab(place)
    write_ended_runs(lab.home, _OLD)
    streaming = [HomeRun(lab.home, f"streams_{number}") for number in range(_STREAMING)]
    changing = HomeRun(lab.home, "states_1")  # the newest is in sight
    lab.write("notes.ipynb", "1 + 1")
    lab.start()
    try:
        with browser_page() as page:
            painted = median_of(3, lambda: _first_paint(lab, page))
            states = iter((("Preparing", "Preparing"), ("Finalizing", "Finalizing"), ("CancelRequested", "Stopping")))
            seen = median_of(3, lambda: _change_seen(page, changing, *next(states)))
            worst = _worst_frame(page, streaming)
    finally:
        lab.stop()
    return [
        at_most(f"the panel's first paint, {_OLD:,} runs", painted, "ms", 300),
        at_most("a run's change of state is in the panel", 1000 * seen, "ms", 300),
        at_most(f"{_STREAMING} runs stream into the panel: worst frame", worst, "ms", 50),
    ]


def _first_paint(lab: Lab, page: Page) -> float:
    page.goto(f"{lab.address}lab/tree/notes.ipynb?token={lab.token}&reset", timeout=WAIT_MS)
    page.wait_for_function("() => window.jupyterapp?.shell.currentWidget", timeout=WAIT_MS)
    execute(page, "filebrowser:activate")
    page.wait_for_timeout(2000)  # what the page itself has to load is not the panel's
    painted: float = page.evaluate(_FIRST_PAINT)
    return painted


def _change_seen(page: Page, run: HomeRun, status: str, word: str) -> float:
    began = time.time()
    run.live.event(60.0, status=status)
    seen: float = page.evaluate(_SEEN, [run.live.id, word])
    return seen - began


def _worst_frame(page: Page, runs: list[HomeRun]) -> float:
    stopped = threading.Event()

    def stream() -> None:
        number = 0
        while not stopped.wait(0.1):
            number += 1
            for run in runs:
                run.live.print(f"epoch {number % 30 + 1}/30 loss {1 / number}\n")

    writer = threading.Thread(target=stream)
    writer.start()
    try:
        page.wait_for_timeout(3000)  # until what is new is compiled, as in minutes of looking on
        page.evaluate(FRAMES)
        page.wait_for_timeout(1000 * _STREAM_SECONDS)
        worst: float = page.evaluate(WORST)
    finally:
        stopped.set()
        writer.join()
    return worst
