"""``%load_ext jupyter_ext`` over IPython, and what an idle run's runner costs."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil

from tests.bench.table import Row, at_most, median_of

if TYPE_CHECKING:
    from pathlib import Path

_LOAD = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
began = time.perf_counter()
shell.run_line_magic("load_ext", "jupyter_ext")
print(time.perf_counter() - began)
"""
_IDLE_SECONDS = 10


def measure(place: Path) -> list[Row]:
    load = median_of(7, lambda: float(subprocess.check_output([sys.executable, "-c", _LOAD], text=True).split()[-1]))
    megabytes, share = _idle_runner(place)
    return [
        at_most("%load_ext jupyter_ext, over IPython", load * 1000, "ms", 150),
        at_most("the runner of an idle run: memory", megabytes, "MB", 60),
        at_most("the runner of an idle run: processor", share, "% of a core", 1),
    ]


def _idle_runner(place: Path) -> tuple[float, float]:
    from jupyter_ext import Experiment, ScriptRunConfig, Workspace

    (place / "sleep.py").write_text("import time\ntime.sleep(60)\n")
    run = Experiment(Workspace(workspace_name="bench"), "idle").submit(ScriptRunConfig(str(place), "sleep.py"))
    while run.get_status() != "Running":
        time.sleep(0.1)
    time.sleep(3)
    runner = next(
        process
        for process in psutil.process_iter(["cmdline"])
        if "jupyter_ext.runner" in " ".join(process.info["cmdline"] or [])
        and str(run.paths.root) in process.info["cmdline"]
    )
    before = runner.cpu_times()
    time.sleep(_IDLE_SECONDS)
    after = runner.cpu_times()
    memory = runner.memory_info().rss / 1e6
    run.cancel()
    run.wait_for_completion()
    return memory, (sum(after[:2]) - sum(before[:2])) / _IDLE_SECONDS * 100
