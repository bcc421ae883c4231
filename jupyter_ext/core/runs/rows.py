"""Rows of a list of runs, read once and again only where something was written."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from itertools import islice
from threading import RLock
from typing import TYPE_CHECKING, Any

from jupyter_ext.store.live.growth import Growth
from jupyter_ext.store.live.log_files import LogFiles
from jupyter_ext.store.live.story import Story
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.queueing.queue import Queue
from jupyter_ext.store.records import TERMINAL
from jupyter_ext.store.spelling import number

from .glance import LONGEST_LINE, Best, best_child, last_lines, nodes_in, progress_in, tail_of
from .words import Words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.store.sweep_record import Sweep

_KEPT = 20_000
_PAGE = 2000
_LOOK_SECONDS = 1.0
_WHOLE = 1024 * 1024
_AT_ONCE = 4 * 1024 * 1024
_METRICS_TAIL = 64 * 1024


class RunRows:
    """The rows of a workspace's runs; safe to use from several threads.

    Parameters
    ----------
    workspace
        The workspace.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._catalogue = workspace._catalogue
        self._root = workspace._paths.root
        self._lock = RLock()
        self._read: OrderedDict[str, _Row] = OrderedDict()

    def of(self, rows: Iterable[sqlite3.Row]) -> list[dict[str, Any]]:
        """Give the runs of some rows of the catalogue; those whose record is gone or damaged are left out."""
        found = [told for row in rows if (told := self._of(row)) is not None]
        self._place(found)
        return found

    def _of(self, row: sqlite3.Row) -> dict[str, Any] | None:
        with self._lock:
            known = self._read.get(row["run_id"])
            if known is None:
                known = self._read[row["run_id"]] = _Row(RunPaths(self._root / row["path"]))
                if len(self._read) > _KEPT:
                    self._read.popitem(last=False)
            self._read.move_to_end(row["run_id"])
            return known.told(row["status"])

    def forget(self, run_id: str) -> None:
        """Keep nothing of a run that was deleted."""
        with self._lock:
            self._read.pop(run_id, None)

    def _place(self, told: list[dict[str, Any]]) -> None:
        queue = Queue(self._catalogue)
        for target in {one["target"] for one in told if one["status"] == "Queued"}:
            waiting = [run_id for run_id, granted in queue.line(target) if not granted]
            places = {run_id: place for place, run_id in enumerate(waiting, 1)}
            for one in told:
                if one["status"] == "Queued" and one["target"] == target:
                    one["place"] = places.get(one["id"])

    def page(
        self,
        *,
        experiment: str | None,
        statuses: list[str],
        text: str,
        after: tuple[float, str] | None,
        limit: int,
    ) -> tuple[list[sqlite3.Row], bool]:
        """Return a page of the catalogue's rows, newest first, and whether there may be more.

        Parameters
        ----------
        experiment, statuses, after, limit
            As for the catalogue's own ``page``.
        text
            Part of the id, the experiment, the display name, the command, or a tag as ``name=value``.
        """
        find = self._catalogue.page
        if not text.strip():
            rows = find(experiment=experiment, statuses=statuses, after=after, limit=limit)
            return rows, len(rows) == limit
        words = Words(self._catalogue)
        found = list(islice(self._matching(text.strip().lower(), words, experiment, statuses, after), limit))
        words.keep()
        return found, len(found) == limit

    def _matching(
        self, wanted: str, words: Words, experiment: str | None, statuses: list[str], after: tuple[float, str] | None
    ) -> Iterator[sqlite3.Row]:
        while True:
            rows = self._catalogue.page(experiment=experiment, statuses=statuses, after=after, limit=_PAGE)
            yield from (row for row in rows if wanted in words.of(row))
            if len(rows) < _PAGE:
                return
            after = (rows[-1]["created"], rows[-1]["run_id"])


class _Row:
    """What a list shows of one run.

    Parameters
    ----------
    paths
        The run's paths.
    """

    def __init__(self, paths: RunPaths) -> None:
        self._paths = paths
        self._record, self._events = str(paths.run_json), str(paths.events)
        self._seen: tuple[Any, ...] = ()
        self._end: dict[str, Any] | None = None
        self._reading: _Reading | None = None

    def told(self, known: str) -> dict[str, Any] | None:
        """Give it; None where its record is not there, or damaged.

        Parameters
        ----------
        known
            The state that the catalogue knows.
        """
        record = _status(self._record)
        seen = (record, _status(self._events), known)
        if self._end is not None and seen == self._seen:
            return self._end
        if self._reading is None or record != self._seen[0]:  # somebody has damaged or mended it
            self._reading = _Reading(self._paths)
        told = self._reading.told(known)
        has_ended = told is not None and told["status"] in TERMINAL
        self._seen, self._end = seen, told if has_ended else None
        if has_ended:
            self._reading = None
        return told


class _Reading:
    """Reads what a list shows of one run, as it grows.

    Parameters
    ----------
    paths
        The run's paths.
    """

    def __init__(self, paths: RunPaths) -> None:
        self._paths = paths
        self._story = Story(paths)
        self._logs: LogFiles | None = None
        self._metrics = Growth(paths.metrics)
        self._best: Best | None = None
        self._looked_at = 0.0
        self._live: dict[str, Any] = {"progress": None, "line": None, "cpu": None, "gpu": None}
        self._metric: dict[str, Any] | None = None

    def told(self, known: str) -> dict[str, Any] | None:
        """Give it; ``known`` is the state that the catalogue knows."""
        changed = self._story.refresh()
        spec, state = self._story.spec, self._story.state
        if spec is None:
            return None
        status = known if known in TERMINAL else state["status"]
        self._glance(has_ended=status in TERMINAL, changed=changed)
        return {
            "id": spec.run_id,
            "experiment": spec.experiment,
            "number": spec.number,
            "display_name": state["display_name"] or spec.display_name or spec.run_id,
            "status": status,
            "reason": state["reason"],
            "command": spec.command_line,
            "target": spec.target,
            "nodes": spec.node_count,
            "parent": spec.parent,
            "created": spec.created,
            "started": state["started"],
            "ended": state["ended"],
            "tags": state["tags"],
            "place": None,
            "metric": self._metric,
            **self._live,
        }

    def _glance(self, *, has_ended: bool, changed: bool) -> None:
        if has_ended:
            self._live = dict.fromkeys(self._live)
            self._read_metrics()
            return
        now = time.monotonic()
        if not changed and now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        self._logs = self._logs or LogFiles(self._paths)
        self._logs.look()
        name = self._logs.active(self._story)
        lines = last_lines(self._paths.root / name) if name else []
        cpu, gpu = nodes_in(self._paths.nodes)
        line = lines[-1][:LONGEST_LINE] if lines else None
        self._live = {"progress": progress_in(lines), "line": line, "cpu": cpu, "gpu": gpu}
        self._read_metrics()
        if self._story.spec is not None and self._story.spec.sweep is not None:
            self._live["progress"] = self._trials(self._story.spec.sweep)

    def _trials(self, sweep: Sweep) -> dict[str, Any]:
        """Tell how far a sweep is, and its best value; of the trials that have begun, the latest may live."""
        begun = sum(name.startswith(f"{self._paths.run_id}_") for name in self._story.state["tags"])
        best = f", {self._metric['name']} {number(self._metric['best'])}" if self._metric else ""
        ended = max(0, begun - sweep.max_concurrent)
        return {"text": f"trial {begun}/{sweep.max_total}{best}", "fraction": round(ended / sweep.max_total, 4)}

    def _read_metrics(self) -> None:
        """Read what was logged; of an old run that logged very much, only the end."""
        spec = self._story.spec
        if spec is not None and spec.sweep is not None:
            self._metric = best_child(self._paths.metrics, spec.sweep.metric)
            return
        if self._best is None:
            size = _status(self._paths.metrics)[1]
            if not size:
                return
            self._best = Best(is_whole=size <= _WHOLE)
        if self._best.is_whole:
            for piece in self._metrics.pieces(_AT_ONCE):
                self._best.add(piece)
        else:
            lines = tail_of(self._paths.metrics, _METRICS_TAIL)
            self._best.add(lines[lines.find(b"\n") + 1 : lines.rfind(b"\n") + 1])
        self._metric = self._best.told()


def _status(path: str | Path) -> tuple[int, int]:
    """Return when a file was changed, and its size; zeros where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - each of many rows asks
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
