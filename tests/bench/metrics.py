"""Logging from a script, and reading a million points back."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from tests.bench.table import Row, at_least, at_most

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext import Run

_POINTS = 200_000
_SCRIPT = f"""
import json, statistics, sys, time
from azureml.core import Run
run = Run.get_context()
singles = []
for i in range(20_000):
    began = time.perf_counter()
    run.log("single", i * 0.5)
    singles.append(time.perf_counter() - began)
began = time.perf_counter()
for i in range({_POINTS}):
    run.log("loss", i * 0.5)
rate = {_POINTS} / (time.perf_counter() - began)
file = open("plain.jsonl", "w", buffering=1)
began = time.perf_counter()
for i in range({_POINTS}):
    file.write(json.dumps({{"n": "loss", "v": i * 0.5, "t": time.time()}}) + "\\n")
plain = {_POINTS} / (time.perf_counter() - began)
json.dump([statistics.median(singles), rate, plain], open("outputs/figures.json", "w"))
"""


def measure(place: Path) -> list[Row]:
    call, rate, plain = json.loads((_run(place, _SCRIPT).paths.outputs / "figures.json").read_text())
    read, drawn = _read_a_million(place)
    return [
        at_most("run.log(): a call, median", call * 1e6, "us", 10),
        at_least("run.log(): points in a second", rate, "1/s", 100_000),
        Row("run.log(): points in a second", rate, "1/s", "json line, flushed", plain, "", kept=True),
        at_most("1,000,000 points: get_metrics", read, "s", 1),
        at_most("1,000,000 points: read and thinned for a chart", drawn, "s", 1),
    ]


def _run(place: Path, script: str) -> Run:
    from jupyter_ext import Experiment, ScriptRunConfig, Workspace

    source = place / "source"
    source.mkdir(exist_ok=True)
    (source / "log.py").write_text(script)
    run = Experiment(Workspace(workspace_name="bench"), "metrics").submit(ScriptRunConfig(str(source), "log.py"))
    run.wait_for_completion()
    return run


def _read_a_million(place: Path) -> tuple[float, float]:
    from jupyter_ext import Run
    from jupyter_ext.store.live.metric_file import MetricFile

    run = _run(place, "print('nothing')")
    with run.paths.metrics.open("w") as file:
        file.writelines(f'{{"n":"loss","v":{i * 0.5},"t":{1763600000 + i * 0.001:.3f}}}\n' for i in range(1_000_000))
    fresh = Run.get(run.experiment.workspace, run.id)
    began = time.perf_counter()
    assert len(fresh.get_metrics()["loss"]) == 1_000_000
    read = time.perf_counter() - began
    began = time.perf_counter()
    metrics = MetricFile(run.paths.metrics)
    metrics.refresh()
    assert len(metrics.topic()[0]["series"]["y"]) > 1000
    return read, time.perf_counter() - began
