"""Runs beside each other: what differs, their code, their metrics; called by threads."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict
from threading import Lock
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.runs.code_diff import code_diff
from jupyter_ext.core.runs.compare import compare, grouped
from jupyter_ext.server.find import find_run
from jupyter_ext.server.runs import row
from jupyter_ext.store.live.metric_file import MetricFile
from jupyter_ext.store.live.story import Story

if TYPE_CHECKING:
    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.store.live.series import Axis

MOST_RUNS = 20
_KEPT_BYTES = 256 * 1024 * 1024


def facts(workspace: str, run_ids: list[str]) -> dict[str, Any]:
    """Tell what differs between runs, and what does not."""
    runs = _runs(workspace, run_ids)
    found = compare(runs)
    names = {name for run in runs for name in _METRICS.names(run)}
    return {
        "runs": [row(run) for run in runs],
        "facts": [_fact(name) | {"values": values} for name, values in found.different.items()],
        "same": [_fact(name) | {"value": value} for name, value in found.same.items()],
        "metrics": sorted(names, key=str.lower),
    }


def code(workspace: str, run_ids: list[str]) -> dict[str, Any]:
    """Tell how the code of two runs differs."""
    one, other = _runs(workspace, run_ids)
    return asdict(code_diff(one, other))


def series(workspace: str, run_ids: list[str], name: str, axis: Axis, pixels: int) -> dict[str, Any]:
    """Give a metric of each run that has it, as many points as pixels can show; time is since the run's start."""
    told = []
    for run in _runs(workspace, run_ids):
        points = _METRICS.series(run, name, axis, pixels)
        if points is None:
            continue
        if axis == "time":
            start = _start(run)
            points["x"] = [None if x is None else round(x - start, 3) for x in points["x"]]
        told.append({"run": run.id, **points})
    return {"name": name, "axis": axis, "series": told}


def _runs(workspace: str, run_ids: list[str]) -> list[Run]:
    return [find_run(workspace, run_id) for run_id in dict.fromkeys(run_ids)]


def _fact(name: str) -> dict[str, Any]:
    group, short = grouped(name)
    return {"group": group, "name": short}


def _start(run: Run) -> float:
    story = Story(run.paths)
    story.refresh()
    return float(story.state["started"] or (story.spec.created if story.spec else 0.0))


class _Metrics:
    """The metrics of runs that are compared, kept as a view asks for one after the other of them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[MetricFile, int]] = OrderedDict()

    def names(self, run: Run) -> list[str]:
        """Return what a run has logged numbers under."""
        with self._lock:
            return [name for name, metric in self._of(run).metrics.items() if metric.columns]

    def series(self, run: Run, name: str, axis: Axis, pixels: int) -> dict[str, list[Any]] | None:
        """Return a run's metric as it is drawn; None where it has none of that name."""
        with self._lock:
            metrics = self._of(run)
            return metrics.series(name, axis, None, None, pixels) if name in metrics.metrics else None

    def _of(self, run: Run) -> MetricFile:
        key, size = str(run.paths.root), _size(run)
        metrics, _ = self._kept.pop(key, (MetricFile(run.paths.metrics), 0))
        metrics.refresh()
        self._kept[key] = (metrics, size)
        while len(self._kept) > 1 and sum(held for _, held in self._kept.values()) > _KEPT_BYTES:
            self._kept.popitem(last=False)
        return metrics


def _size(run: Run) -> int:
    try:
        return run.paths.metrics.stat().st_size
    except FileNotFoundError:
        return 0


_METRICS = _Metrics()
