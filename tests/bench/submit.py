"""From the submission to the first line of ``print("hi")``: a process, beside submitit's local executor."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.bench.table import Row, at_most, median_of, ratio_at_most

_TIMES = 9
_LIMIT_SECONDS = 60


def measure(place: Path) -> list[Row]:
    source = place / "source"
    source.mkdir()
    script = source / "hi.py"
    script.write_text('print("hi")\n')
    cell, first = _ours(source)
    submitit = _submitit(place / "submitit")
    plain = median_of(_TIMES, lambda: _plain(script))
    return [
        at_most("%aml_submit: the cell returns", cell, "s", 0.2),
        at_most("%aml_submit: first line, a process", first, "s", 0.25),
        ratio_at_most("%aml_submit: first line, a process", first, "s", "submitit, local", submitit, 0.5),
        Row("%aml_submit: first line, a process", first, "s", "plain subprocess", plain, "", kept=True),
    ]


def first_line(log: Path, began: float) -> float:
    """Return how long after ``began`` the log got its first line, in seconds."""
    while time.perf_counter() < began + _LIMIT_SECONDS:
        if log.exists() and log.stat().st_size:
            return time.perf_counter() - began
        time.sleep(0.001)
    raise TimeoutError(f"{log} stayed empty")


def _ours(source: Path) -> tuple[float, float]:
    """Submit with the magic in a shell of its own process, as a notebook does."""
    program = f"""
import os, statistics, time
from pathlib import Path
os.chdir({str(source)!r})
from IPython.core.interactiveshell import InteractiveShell
from tests.bench.submit import first_line
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "jupyter_ext")
cells, firsts = [], []
for _ in range({_TIMES} + 1):
    time.sleep(1)
    began = time.perf_counter()
    run = shell.run_line_magic("aml_submit", "hi.py")
    cells.append(time.perf_counter() - began)
    firsts.append(first_line(run.paths.root / "user_logs" / "std_log.txt", began))
    run.wait_for_completion()
print(statistics.median(cells[1:]), statistics.median(firsts[1:]))
"""
    output = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=Path.cwd())
    cell, first = output.split()[-2:]
    return float(cell), float(first)


def _submitit(folder: Path) -> float:
    import submitit

    executor = submitit.LocalExecutor(folder=folder)
    executor.update_parameters(timeout_min=1)

    def once() -> float:
        began = time.perf_counter()
        job = executor.submit(print, "hi", flush=True)
        while time.perf_counter() < began + _LIMIT_SECONDS:
            if b"hi\n" in (job.paths.stdout.read_bytes() if job.paths.stdout.exists() else b""):
                seconds = time.perf_counter() - began
                job.wait()
                return seconds
            time.sleep(0.001)
        raise TimeoutError("submitit printed nothing")

    return median_of(_TIMES, once)


def _plain(script: Path) -> float:
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return time.perf_counter() - began
