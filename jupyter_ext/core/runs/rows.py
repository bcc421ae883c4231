"""Rows of a list of runs, read once and again only where something was written."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from threading import RLock
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.store.growth import Growth
from jupyter_ext.store.log_files import LogFiles
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.queue import Queue
from jupyter_ext.store.records import TERMINAL, RunSpec, read_record
from jupyter_ext.store.story import Story

from .glance import LONGEST_LINE, Best, last_lines, nodes_in, progress_in, tail_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from jupyter_ext.core.workspaces.workspace import Workspace

_KEPT = 2000
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
        self._texts: dict[str, tuple[tuple[int, int], str]] = {}

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
            self._texts.pop(run_id, None)

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
            rows = find(experiment=experiment, statuses=statuses, text="", after=after, limit=limit)
            return rows, len(rows) == limit
        wanted, found = text.strip().lower(), list[Any]()
        while True:
            rows = find(experiment=experiment, statuses=statuses, text="", after=after, limit=_KEPT)
            for row in rows:
                if wanted in self._text(row):
                    found.append(row)
                    if len(found) == limit:
                        return found, True
            if len(rows) < _KEPT:
                return found, False
            after = (rows[-1]["created"], rows[-1]["run_id"])

    def _text(self, row: sqlite3.Row) -> str:
        paths = RunPaths(self._root / row["path"])
        changed = _status(paths.events)
        known = self._texts.get(row["run_id"])
        if known is None or known[0] != changed:
            known = self._texts[row["run_id"]] = (changed, "\n".join(_words(paths, row)).lower())
        return known[1]


class _Row:
    """What a list shows of one run.

    Parameters
    ----------
    paths
        The run's paths.
    """

    def __init__(self, paths: RunPaths) -> None:
        self._paths = paths
        self._story = Story(paths)
        self._asked = (0, 0)
        self._logs = LogFiles(paths)
        self._metrics = Growth(paths.metrics)
        self._best: Best | None = None
        self._looked_at = 0.0
        self._live: dict[str, Any] = {"progress": None, "line": None, "cpu": None, "gpu": None}
        self._metric: dict[str, Any] | None = None

    def told(self, known: str) -> dict[str, Any] | None:
        """Give it; None where its record is not there, or damaged.

        Parameters
        ----------
        known
            The state that the catalogue knows.
        """
        asked = _status(self._paths.run_json)
        if asked != self._asked:  # somebody has damaged or mended it
            self._asked, self._story = asked, Story(self._paths)
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
        now = time.monotonic()
        if has_ended:
            if changed or not self._looked_at:
                self._live = dict.fromkeys(self._live)
                self._read_metrics()
                self._looked_at = now
            return
        if not changed and now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        self._logs.look()
        name = self._logs.active(self._story)
        lines = last_lines(self._paths.root / name) if name else []
        cpu, gpu = nodes_in(self._paths.nodes)
        line = lines[-1][:LONGEST_LINE] if lines else None
        self._live = {"progress": progress_in(lines), "line": line, "cpu": cpu, "gpu": gpu}
        self._read_metrics()

    def _read_metrics(self) -> None:
        """Read what was logged; of an old run that logged very much, only the end."""
        if self._best is None:
            self._best = Best(is_whole=_status(self._paths.metrics)[1] <= _WHOLE)
        if self._best.is_whole:
            for piece in self._metrics.pieces(_AT_ONCE):
                self._best.add(piece)
        else:
            lines = tail_of(self._paths.metrics, _METRICS_TAIL)
            self._best.add(lines[lines.find(b"\n") + 1 : lines.rfind(b"\n") + 1])
        self._metric = self._best.told()


def _status(path: Path) -> tuple[int, int]:
    """Return when a file was changed, and its size; zeros where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - each of many rows asks
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _words(paths: RunPaths, row: sqlite3.Row) -> Iterator[str]:
    yield from (row["run_id"], row["experiment"])
    try:
        spec = read_record(paths.run_json, RunSpec)
    except (OSError, msgspec.DecodeError):
        return
    if spec is not None:
        state = read_state(str(paths.root), {"tags": spec.tags, "display_name": spec.display_name})
        yield spec.command_line
        yield str(state["display_name"] or "")
        yield from (f"{name}={value}" for name, value in state["tags"].items())
