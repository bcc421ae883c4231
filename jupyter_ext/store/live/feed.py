"""Everything a reader needs to know about one run, read as it grows."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import wraps
from threading import RLock
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.live.details import details
from jupyter_ext.store.live.json_metrics import JsonMetrics
from jupyter_ext.store.live.log_files import LogFiles
from jupyter_ext.store.live.metric_file import MetricFile
from jupyter_ext.store.live.node_file import NodeFile
from jupyter_ext.store.live.output_files import LARGEST_READ, OutputFiles
from jupyter_ext.store.live.story import Story
from jupyter_ext.store.live.trials import Trials
from jupyter_ext.store.queueing.place import Place
from jupyter_ext.store.records import LaunchSpec, read_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec, TypeVar

    from jupyter_ext.store.live.series import Axis
    from jupyter_ext.store.paths import RunPaths

    P = ParamSpec("P")
    R = TypeVar("R")

TOPICS = ("run", "phases", "logs", "tail", "metrics", "nodes", "files", "trials", "details")
"""What a view is told; ``RunFeed.topic`` gives each."""

_DELETED = "The run's directory was deleted: this is what was read before."
_READ = 32 * 1024 * 1024


def _locked(method: Callable[Concatenate[RunFeed, P], R]) -> Callable[Concatenate[RunFeed, P], R]:
    """Let one thread in at a time: one refreshes while another answers requests."""

    @wraps(method)
    def alone(self: RunFeed, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            return method(self, *args, **kwargs)

    return alone


class RunFeed:
    """Reads a run directory while others write to it.

    Nothing is read twice, and where nothing was written a refresh costs one ``stat`` a file. A file that
    does not exist yet, or no more, is as good as an empty one; of a run that was deleted what was read is kept.

    Parameters
    ----------
    paths
        The run's paths.
    """

    def __init__(self, paths: RunPaths) -> None:
        self.paths = paths
        self._lock = RLock()
        self._story = Story(paths)
        self._logs = LogFiles(paths)
        self._metrics = MetricFile(paths.metrics)
        self._nodes = NodeFile(paths.nodes)
        self._files = OutputFiles(paths)
        self._json_metrics = JsonMetrics(self._files)
        self._trials = Trials(paths)
        self._ranks: dict[int, list[int]] = {}
        self._tail_of: str | None = None
        self._line = Place(paths)

    @property
    def status(self) -> str:
        """The run's state, as of the last refresh."""
        return self._story.status

    @property
    def has_ended(self) -> bool:
        """Whether the run had come to its end at the last refresh."""
        return self._story.has_ended

    @property
    def complete(self) -> bool:
        """Whether the last refresh read everything; a huge file takes several."""
        return self._logs.complete and self._metrics.complete and self._nodes.complete

    @_locked
    def refresh(self, limit: int = _READ) -> set[str]:
        """Read what was written since the last time; return the topics that changed.

        Parameters
        ----------
        limit
            Bytes of metrics after which the rest is left for the next time.
        """
        changed: set[str] = set()
        told = self._story.refresh()
        if self._story.is_deleted:
            return {"run"} if told else changed
        if told:
            changed |= {"run", "phases", "details", "logs"}
        if self._line.refresh(self._story):
            changed |= {"run", "phases"}
        changed |= self._refresh_logs()
        if self._metrics.refresh(limit):
            changed.add("metrics")
        if self._nodes.refresh():
            changed.add("nodes")
        if self._files.refresh(now=told and self.has_ended):
            changed.add("files")
        if self._trials.refresh(self._story):
            changed.add("trials")
        return changed

    @_locked
    def glance(self) -> None:
        """Read what is soon read, the state and the logs; metrics of a million points are left for a refresh."""
        self._story.refresh()
        self._refresh_logs()

    def _refresh_logs(self) -> set[str]:
        grown = self._logs.refresh()
        active = self._logs.active(self._story)
        moved = active != self._tail_of
        self._tail_of = active
        if grown or moved:
            return {"logs", "tail"} if active in grown or moved else {"logs"}
        return set()

    @_locked
    def topic(self, name: str) -> Any:
        """Give the latest value of one of ``TOPICS``, as JSON."""
        if name not in TOPICS:
            raise UserErrorException(f"There is no topic {name!r}: choose one of {', '.join(TOPICS)}.")
        return getattr(self, name)()

    @_locked
    def run(self) -> dict[str, Any]:
        """Give the run's state, and what it is."""
        spec, state = self._story.spec, self._story.state
        if self._story.is_deleted:
            state = {**state, "reason": _DELETED, "log": None}
            state["status"] = self.status if self.has_ended else "NotResponding"
        return {
            "id": spec.run_id if spec else self.paths.run_id,
            "experiment": spec.experiment if spec else "",
            "number": spec.number if spec else None,
            "workspace": spec.workspace if spec else "",
            "command": spec.command_line if spec else "",
            "status": state["status"],
            "reason": state["reason"],
            "log": state["log"],
            "created": spec.created if spec else None,
            "started": state["started"],
            "ended": state["ended"],
            "standing": self._line.standing or (state["note"] if state["status"] == "Queued" else None),
            "gpus_idle": state["gpus_idle"],
            "is_sweep": spec is not None and spec.sweep is not None,
            "now": round(time.time(), 3),
        }

    @_locked
    def phases(self) -> list[dict[str, Any]]:
        """Give the run's phases with their times."""
        phases = self._story.phases()
        if self._line.standing:
            next(phase for phase in phases if phase["name"] == "Queue")["note"] = self._line.standing
        return phases

    @_locked
    def logs(self) -> dict[str, Any]:
        """Give the list of logs, and which of them a reader wants to see."""
        return self._logs.topic(self._logs.active(self._story))

    @_locked
    def tail(self, file: str | None = None) -> dict[str, Any]:
        """Give the last lines of a log; of the active one if none is named."""
        return self._logs.tail(file or self._logs.active(self._story))

    @_locked
    def metrics(self) -> list[dict[str, Any]]:
        """Give every metric: a summary, and what fits on a screen."""
        told = self._metrics.topic()
        for one in told:
            if one["kind"] == "json":
                one.update(self._json_metrics.drawn(self._metrics.metrics[one["name"]]))
        return told

    @_locked
    def nodes(self) -> list[dict[str, Any]]:
        """Give every node: its last sample, and its history."""
        if len(self._ranks) < self._nodes.count:
            with suppress(OSError, msgspec.DecodeError):
                self._ranks = _ranks(self.paths)
        return self._nodes.topic(self._ranks)

    @_locked
    def files(self) -> list[dict[str, Any]]:
        """Give the files that the run produced."""
        return self._files.topic()

    @_locked
    def trials(self) -> dict[str, Any] | None:
        """Give the trials of a sweep, the best first; None of any other run."""
        return self._trials.topic()

    @_locked
    def details(self) -> list[dict[str, Any]]:
        """Give what there is to know about the run, as tables."""
        return details(self._story)

    @_locked
    def values(self) -> dict[str, Any]:
        """Give what v1's ``get_metrics()`` gives."""
        return self._metrics.values(self.paths.run_id)

    @_locked
    def lines(self, file: str, first: int, count: int) -> dict[str, Any]:
        """Give some lines of a log."""
        return self._logs.lines(file, first, count)

    @_locked
    def line_at(self, file: str, t: float) -> dict[str, Any]:
        """Give the line of a log that was written at a time, to the second."""
        return self._logs.line_at(file, t)

    @_locked
    def search(self, file: str, query: str, case: bool = False) -> dict[str, Any]:
        """Find the lines of a log that contain a text."""
        total, lines = self._logs.index(file).search(query, case)
        return {"total": total, "lines": lines}

    @_locked
    def series(
        self,
        name: str,
        axis: Axis = "step",
        low: float | None = None,
        high: float | None = None,
        pixels: int = 1000,
    ) -> dict[str, Any]:
        """Give a part of a metric, as many points as pixels can show."""
        if name not in self._metrics.metrics:
            known = ", ".join(self._metrics.metrics) or "none yet"
            near = did_you_mean(name, self._metrics.metrics)
            raise UserErrorException(f"The run has no metric {name!r}; it has: {known}.{near}")
        return self._metrics.series(name, "time" if axis == "time" else "step", low, high, pixels)

    @_locked
    def read_file(self, name: str, offset: int = 0, limit: int = LARGEST_READ) -> tuple[dict[str, Any], bytes]:
        """Read a part of a file that the run produced, at most 4 MB."""
        return self._files.read(name, offset, limit)

    @_locked
    def read_all(self) -> None:
        """Refresh until everything that is written now has been read."""
        self.refresh()
        while not self.complete and self.refresh():
            pass
        self._files.refresh(now=True)


def _ranks(paths: RunPaths) -> dict[int, list[int]]:
    """Read from what the launchers were told which ranks each node has."""
    specs = (read_record(path, LaunchSpec) for path in paths.launch.glob("*.json"))
    return {
        spec.node: [int(rank["rank"]) for rank in spec.ranks] if spec.spawned is None else spec.spawned
        for spec in specs
        if spec
    }
