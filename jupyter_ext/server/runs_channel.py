"""The topic of a workspace's runs: the newest and the live ones, then what changes."""

from __future__ import annotations

import os
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.core.runs.run import Run
from jupyter_ext.server.channel import PolledChannel
from jupyter_ext.server.find import find_workspace, rows_of
from jupyter_ext.store.records import TERMINAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NEWEST = 100
"""Runs that are told without being asked for, besides the live ones."""

_TICK = 0.05
_GONE_SECONDS = 2.0
_TEND_SECONDS = 5.0


class RunsChannel(PolledChannel):
    """A workspace's runs.

    Of ten thousand only those are read that live, or that the catalogue says have changed.

    Parameters
    ----------
    name
        What clients call it.
    workspace
        The workspace's name.
    """

    seconds = 0.2
    urgent = frozenset({"row"})

    def __init__(self, name: str, workspace: str) -> None:
        super().__init__(name)
        self._name = workspace
        self._workspace: Any = None
        self._mark: Any = None
        self._overview: list[tuple[str, str, str, str, float]] = []
        self._states: dict[str, str] = {}
        self._live: set[str] = set()
        self._now: dict[str, str] = {}
        self._paths: dict[str, str] = {}
        self._told: dict[str, bytes] = {}
        self._counts = b""
        self._recount = False
        self._shown: list[str] = []
        self._gone_at = self._tend_at = 0.0

    def look(self) -> dict[str, bytes]:
        """Return what has changed since the last look; called by a thread."""
        if self._workspace is None or not self._workspace._paths.record.exists():
            self._workspace = find_workspace(self._name)
        changed, gone = self._changed()
        self._tend()
        values = gone | self._rows(changed | self._live) | self._deleted()
        return values | self._counted()

    def publish(self, values: Mapping[str, bytes]) -> None:
        """Tell new values; a run that is gone is told as a row no more."""
        for key in values:
            event, _, run_id = key.partition(" ")
            self._events.pop(f"gone {run_id}" if event == "row" else f"row {run_id}", None)
        super().publish(values)

    def _counted(self) -> dict[str, bytes]:
        if not self._recount:
            return {}
        self._recount = False
        counts = msgspec.json.encode(_counts(self._overview, self._now))
        if counts == self._counts:
            return {}
        self._counts = counts
        return {"counts": counts}

    def _changed(self) -> tuple[set[str], dict[str, bytes]]:
        """Read the catalogue where somebody has written to it.

        Returns
        -------
        tuple of set and dict
            The runs that are new or in another state, and what to tell of those that are gone.
        """
        mark, now = self._workspace._catalogue.mark(), time.time()
        if mark == self._mark:
            return set(), {}
        settled = all(abs(now - written / 1e9) > _TICK for _, written, _ in mark)
        overview = self._workspace._catalogue.overview()
        self._mark = mark if settled else None  # within a clock's tick more may come
        before, self._states = self._states, {run_id: status for run_id, status, *_ in overview}
        self._shown = [run_id for run_id, *_ in overview[:NEWEST]]
        self._paths = {run_id: path for run_id, _, _, path, _ in overview}
        self._live = {run_id for run_id, status in self._states.items() if status not in TERMINAL}
        self._overview, self._recount = overview, True
        gone = self._take_away(before.keys() - self._states.keys())
        new = {run_id for run_id, _ in self._states.items() - before.items()} if before else set(self._shown)
        return new, gone

    def _rows(self, run_ids: Iterable[str]) -> dict[str, bytes]:
        find = self._workspace._catalogue.find_run
        rows = [row for run_id in run_ids if (row := find(run_id)) is not None]
        rows.sort(key=lambda row: row["created"])
        values = {}
        for told in rows_of(self._workspace).of(rows):
            self._recount |= self._now.get(told["id"]) != told["status"]
            self._now[told["id"]] = told["status"]
            encoded = msgspec.json.encode(told)
            if self._told.get(told["id"]) != encoded:
                self._told[told["id"]] = encoded
                values[f"row {told['id']}"] = encoded
        return values

    def _deleted(self) -> dict[str, bytes]:
        """Take out of the list what was deleted by hand."""
        now = time.monotonic()
        if now - self._gone_at < _GONE_SECONDS:
            return {}
        self._gone_at = now
        root = self._workspace._paths.root
        looked = {*self._shown, *self._live}
        gone = [one for one in looked if one in self._paths and not os.path.isdir(root / self._paths[one])]  # noqa: PTH112
        if not gone or not self._workspace._paths.runs.is_dir():
            return {}
        for run_id in gone:
            self._workspace._catalogue.forget(run_id)
            self._states.pop(run_id, None)
        self._mark = None
        return self._take_away(gone)

    def _take_away(self, run_ids: Iterable[str]) -> dict[str, bytes]:
        for run_id in run_ids:
            self._told.pop(run_id, None)
            self._now.pop(run_id, None)
            rows_of(self._workspace).forget(run_id)
        return {f"gone {run_id}": msgspec.json.encode({"id": run_id}) for run_id in run_ids}

    def _tend(self) -> None:
        """Ask for the state of live runs now and then: whoever asks sees to it that they go on."""
        if time.monotonic() - self._tend_at < _TEND_SECONDS:
            return
        self._tend_at = time.monotonic()
        for run_id in tuple(self._live):
            with suppress(Exception):
                Run.get(self._workspace, run_id).get_status()


def _counts(overview: list[tuple[str, str, str, str, float]], now: Mapping[str, str]) -> dict[str, Any]:
    """Count by state; of a live run the catalogue knows the last one but one, ``now`` the last."""
    overview = [(one[0], now.get(one[0], one[1]), *one[2:]) for one in overview]
    total = Counter(experiment for _, _, experiment, *_ in overview)
    live = Counter(experiment for _, status, experiment, *_ in overview if status not in TERMINAL)
    experiments = [{"name": name, "total": count, "live": live[name]} for name, count in sorted(total.items())]
    counts = Counter(status for _, status, *_ in overview)
    return {"counts": dict(counts), "total": len(overview), "experiments": experiments}
