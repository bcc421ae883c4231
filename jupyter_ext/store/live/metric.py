"""Everything that was logged under one name."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.metrics import metric_values, restore
from jupyter_ext.store.live.series import Columns, Series, in_logged_order, plain, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN_ROWS = 200
"""Last rows of a table that are sent."""

_ARTIFACTS = frozenset({"confusion_matrix", "accuracy_table", "residuals", "predictions"})
_TABLES = frozenset({"row", "table"})
_GREATEST = 2**63 - 1
_NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class Entry(msgspec.Struct, gc=False, omit_defaults=True):
    """One line of the file."""

    n: str
    v: Any
    t: float
    k: str | None = None
    s: int | float | None = None
    r: int | None = None
    d: str | None = None
    x: list[list[Any]] | None = None

    @property
    def kind(self) -> str:
        """What the view draws it as."""
        if self.k in _ARTIFACTS:
            return "json"
        return self.k if self.k in {"list", "row", "table", "image"} else "scalar"

    @property
    def rows(self) -> int:
        """How many rows of a table it is."""
        if self.k != "table":
            return 1
        return max((len(cells) for cells in self.v.values()), default=0) if isinstance(self.v, dict) else 0

    def is_point(self) -> bool:
        """Tell whether it is a number that a column can hold."""
        if self.k is not None:
            return False
        return type(self.v) is float or (type(self.v) is int and abs(self.v) < _GREATEST)


class Point(msgspec.Struct, gc=False):
    """The line of a plain number: most are, and decode faster when nothing else is expected."""

    n: str
    v: Annotated[int, msgspec.Meta(gt=-_GREATEST, lt=_GREATEST)] | float
    t: float
    s: int | float | None = None
    r: int | None = None
    k: None = None


class Metric:
    """Everything that was logged under one name.

    Parameters
    ----------
    name
        The metric's name.

    Attributes
    ----------
    kind
        ``scalar``, ``list``, ``row``, ``table``, ``image`` or ``json``.
    entries
        What is not a plain number, as it was logged.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.kind = "scalar"
        self.last: Any = None
        self.description: str | None = None
        self.entries: list[Entry] = []
        self._ranks: dict[int | None, Columns] = {}
        self._listed: Columns | None = None
        self._whole = True
        self._rows = 0

    @property
    def columns(self) -> list[Columns]:
        """The numbers, for each rank; of lists their elements."""
        return list(self._ranks.values()) or ([self._listed] if self._listed else [])

    @property
    def count(self) -> int:
        """Points; of tables their rows, of images and JSON metrics how many there are."""
        if self.kind in _TABLES:
            return self._rows
        return sum(columns.count for columns in self.columns) or len(self.entries)

    def add_points(self, points: Sequence[Point | Entry]) -> None:
        """Append plain numbers."""
        self.kind = "scalar"
        ranks = {point.r for point in points}
        for rank in ranks:
            of_rank = points if len(ranks) == 1 else [point for point in points if point.r == rank]
            self._extend(rank, [p.s for p in of_rank], [p.t for p in of_rank], [p.v for p in of_rank])
        self.last = points[-1].v

    def add_entry(self, entry: Entry) -> None:
        """Append anything else."""
        self.kind = entry.kind
        self.last = entry.v
        self.description = entry.d or self.description
        if entry.k == "float" and entry.v in _NOT_FINITE:
            self.last = _NOT_FINITE[entry.v]
            self._extend(entry.r, [entry.s], [entry.t], [self.last])
            return
        self.entries.append(entry)
        self._rows = self._rows + entry.rows if self.kind in _TABLES else 0
        if self.kind == "list" and isinstance(entry.v, list) and entry.v:
            values = restore(msgspec.to_builtins(entry))
            self.last = values[-1]
            numbers = [value for value in values if type(value) in {int, float}]
            self._listed = self._listed or Columns()
            self._listed.extend([None] * len(numbers), [entry.t] * len(numbers), numbers)

    def _extend(self, rank: int | None, steps: list[Any], times: list[float], values: list[Any]) -> None:
        if self._whole:
            self._whole = set(map(type, values)) == {int} and max(map(abs, values)) < 2**53
        if rank not in self._ranks:
            self._ranks[rank] = Columns()
        self._ranks[rank].extend(steps, times, values)

    def value(self, run_id: str) -> Any:
        """Give what v1's ``get_metrics`` gives for this name."""
        numbers: list[Any] = []
        if self._ranks:
            values = in_logged_order(self._ranks.values())
            numbers = values.astype("int64").tolist() if self._whole else values.tolist()
        if not self.entries:
            return numbers[0] if len(numbers) == 1 else numbers
        records: list[dict[str, Any]] = [msgspec.to_builtins(entry) for entry in self.entries]
        if numbers:
            times = sorted(chain.from_iterable(each.times.tolist() for each in self._ranks.values()))
            records += [{"n": self.name, "t": t, "v": v} for t, v in zip(times, numbers, strict=True)]
            records.sort(key=lambda record: float(record["t"]))
        return metric_values(records, run_id).get(self.name)

    def topic(self, points: int) -> dict[str, Any]:
        """Give what a view draws of it: a summary, and what fits on a screen."""
        told: dict[str, Any] = {"name": self.name, "kind": self.kind, "count": self.count}
        told |= {"last": spelled(self.last), "min": None, "max": None}
        if self.description:
            told["description"] = self.description
        if self.kind in {"scalar", "list"} and self.columns:
            told |= self._extremes()
            if told["count"] > 1:
                told["series"] = self._series(points)
        elif self.kind in _TABLES:
            told["columns"] = _last_rows(self.name, self.entries)
        elif self.kind in {"image", "json"}:
            told["artifact"] = self.last
            if self.kind == "json":
                told["schema"] = self.entries[-1].k
            told["artifacts"] = [entry.v for entry in self.entries[-SHOWN_ROWS:]]
        return told

    def _extremes(self) -> dict[str, Any]:
        lows, highs = zip(*(columns.extremes() for columns in self.columns), strict=True)
        finite = [value for value in lows + highs if value is not None]
        if not finite:
            return {}
        low, high = min(finite), max(finite)
        return {"min": int(low), "max": int(high)} if self._whole and self._ranks else {"min": low, "max": high}

    def _series(self, points: int) -> dict[str, Any]:
        series = Series(self.columns, "step").thin(points)
        told = {"step": plain(series.steps), "time": plain(series.times, digits=3), "y": plain(series.y)}
        if series.low is not None and series.high is not None:
            told |= {"low": plain(series.low), "high": plain(series.high)}
        return told


def _last_rows(name: str, entries: list[Entry]) -> dict[str, list[Any]]:
    """Give the last rows of a table by column; those that only some rows have are filled up."""
    records = [msgspec.to_builtins(entry) for entry in entries[-SHOWN_ROWS:]]
    shaped = metric_values(records).get(name)
    if not isinstance(shaped, dict):
        return {}
    columns = {
        str(column): [spelled(v) for v in (values if isinstance(values, list) else [values])]
        for column, values in shaped.items()
    }
    return {column: values[-SHOWN_ROWS:] for column, values in columns.items()}
