"""The metrics of a run, read from ``metrics.jsonl`` as it grows."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.store.live.growth import Growth, decode_lines
from jupyter_ext.store.live.metric import Entry, Metric, Point
from jupyter_ext.store.live.series import Series, plain

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.store.live.series import Axis

SHOWN_POINTS = 2000
"""Points of one metric's series that are sent without being asked for."""

_ALL_POINTS = 12_000
_FEWEST_POINTS = 120


class MetricFile:
    """Decodes the file as it grows, and serves what was logged.

    Parameters
    ----------
    path
        ``metrics.jsonl`` of a run.

    Attributes
    ----------
    bad_lines
        Lines that are no metric; they are passed over.
    metrics
        By name, in the order in which the names came.
    """

    def __init__(self, path: str | Path) -> None:
        self.metrics: dict[str, Metric] = {}
        self.bad_lines = 0
        self._growth = Growth(path)
        self._points = msgspec.json.Decoder(Point)
        self._entry = msgspec.json.Decoder(Entry)

    @property
    def complete(self) -> bool:
        """Whether the last refresh reached the end of the file."""
        return self._growth.complete

    def refresh(self, limit: int | None = None) -> bool:
        """Read what was added.

        Parameters
        ----------
        limit
            Bytes after which to stop until the next refresh. Without it, everything is read.

        Returns
        -------
        bool
            Whether anything changed.
        """
        changed = False
        for piece in self._growth.pieces(limit):
            changed = True
            if piece:
                self._add(piece)
            else:
                self.metrics, self.bad_lines = {}, 0
        return changed

    def _add(self, piece: bytes) -> None:
        try:
            self._add_points(self._points.decode_lines(piece))
        except msgspec.DecodeError:
            entries, bad = decode_lines(self._entry, piece)
            self.bad_lines += bad
            self._add_entries(entries)

    def _add_points(self, points: list[Point]) -> None:
        by_name: defaultdict[str, list[Point]] = defaultdict(list)
        for point in points:
            by_name[point.n].append(point)
        for name, of_name in by_name.items():
            self._metric(name).add_points(of_name)

    def _add_entries(self, entries: list[Entry]) -> None:
        by_name: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_name[entry.n].append(entry)
        for name, of_name in by_name.items():
            metric = self._metric(name)
            for is_point, group in groupby(of_name, Entry.is_point):
                if is_point:
                    metric.add_points(list(group))
                else:
                    for entry in group:
                        metric.add_entry(entry)

    def _metric(self, name: str) -> Metric:
        metric = self.metrics.get(name)
        if metric is None:
            metric = self.metrics[name] = Metric(name)
        return metric

    def values(self, run_id: str = "") -> dict[str, Any]:
        """Give v1's ``get_metrics()``: one value or a list for scalars, columns for rows and tables.

        Parameters
        ----------
        run_id
            The run's id, which stands in the addresses of images.
        """
        return {name: metric.value(run_id) for name, metric in self.metrics.items()}

    def topic(self) -> list[dict[str, Any]]:
        """Give every metric as a view draws it, sorted by name without regard to case as v1 does."""
        points = min(SHOWN_POINTS, max(_FEWEST_POINTS, _ALL_POINTS // max(1, len(self.metrics))))
        ordered = sorted(self.metrics.values(), key=lambda metric: metric.name.lower())
        return [metric.topic(points) for metric in ordered]

    def series(
        self,
        name: str,
        axis: Axis = "step",
        low: float | None = None,
        high: float | None = None,
        pixels: int = 1000,
    ) -> dict[str, list[float | int | None]]:
        """Give the part of a metric that lies between two values of x, as many points as pixels can show.

        Parameters
        ----------
        name
            The metric.
        axis
            What lies along x: steps, or Unix seconds.
        low, high
            Where the part begins and ends; None for all.
        pixels
            Width of the drawing. Each pixel gets its least and its greatest value.

        Returns
        -------
        dict
            ``x`` and ``y``; where several ranks logged, their ``low`` and ``high`` around the mean in ``y``.

        Raises
        ------
        KeyError
            Nothing was logged under that name.
        """
        columns = self.metrics[name].columns
        if not columns:
            return {"x": [], "y": []}
        series = Series(columns, axis).cut(low, high).thin(2 * min(max(pixels, 1), 10_000))
        told = {"x": plain(series.x), "y": plain(series.y)}
        if series.low is not None and series.high is not None:
            told |= {"low": plain(series.low), "high": plain(series.high)}
        return told
