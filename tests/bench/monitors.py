"""Ten monitors of live runs, open in tabs of a real JupyterLab: how the page grows."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from e2e.lab import WAIT_MS, Lab, browser_page
from parts.home_run import HomeRun

from tests.bench.table import Row, at_most

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import CDPSession, Page

_RUNS = 10
_MINUTES = int(os.environ.get("AML_BENCH_MINUTES", "3"))
"""Of the hour that the goal is for."""
_SETTLED_SECONDS = 60
"""Until then code is compiled and lists fill up to the lengths that they keep."""
_MB = 1024 * 1024


def measure(place: Path) -> list[Row]:
    lab = Lab(place)
    lab.write("empty.ipynb", "1 + 1")
    lab.start()
    runs = [HomeRun(lab.home, f"open_{number}") for number in range(_RUNS)]
    over = threading.Event()
    writer = threading.Thread(target=_write, args=(runs, over))
    writer.start()
    try:
        with browser_page() as page:
            grown = _growth(lab, page, runs)
    finally:
        over.set()
        writer.join()
        for run in runs:
            run.end()
        lab.stop()
    return [at_most(f"ten monitors open for {_MINUTES} minutes: the page grows by", grown, "MB", 20)]


def _write(runs: list[HomeRun], over: threading.Event) -> None:
    """Let each run print ten lines and log ten points a second, as a busy training script does."""
    step = 0
    while not over.wait(0.1):
        step += 1
        for run in runs:
            run.live.print(f"step {step} loss {1 / step:.5f}\n")
            run.live.metric(n="loss", v=1 / step, t=time.time(), s=step)


def _growth(lab: Lab, page: Page, runs: list[HomeRun]) -> float:
    lab.show(page, "empty.ipynb")
    for run in runs:
        page.evaluate(
            "(run) => window.jupyterapp.commands.execute('aml:monitor', { workspace: 'default', run })", run.live.id
        )
    page.locator(".jp-AmlMonitorTab:visible").get_by_text("step").first.wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(_SETTLED_SECONDS * 1000)
    session = page.context.new_cdp_session(page)
    before = _heap(session)
    page.wait_for_timeout(_MINUTES * 60_000)
    return max(0.0, _heap(session) - before) / _MB


def _heap(session: CDPSession) -> float:
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "JSHeapUsedSize")
