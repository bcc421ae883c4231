"""Columns of numbers that grow, and what of them fits on a screen."""

from __future__ import annotations

from array import array
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

Axis = Literal["step", "time"]
_FIRST_CAPACITY = 32


class Columns:
    """Step, time and value of the points that one rank logged under one name."""

    def __init__(self) -> None:
        import numpy as np  # noqa: PLC0415 - costs 0.1 s, and most readers never need it

        self._data: Numbers = np.empty((3, _FIRST_CAPACITY))
        self.count = 0

    def extend(self, steps: list[float | None], times: list[float], values: list[float]) -> None:
        """Append points; a step that was not given is the point's number."""
        import numpy as np  # noqa: PLC0415

        end = self.count + len(values)
        if end > self._data.shape[1]:
            grown = np.empty((3, max(end, 2 * self._data.shape[1])))
            grown[:, : self.count] = self._data[:, : self.count]
            self._data = grown
        new = self._data[:, self.count : end]
        if steps.count(None) == len(steps):
            new[0] = np.arange(self.count, end)
        else:
            new[0] = [self.count + i if step is None else step for i, step in enumerate(steps)]
        # An array of the standard library takes a list in less than half of numpy's time.
        new[1] = array("d", times)
        new[2] = array("d", values)
        self.count = end

    @property
    def steps(self) -> Numbers:
        """Steps, as they were logged."""
        return self._data[0, : self.count]

    @property
    def times(self) -> Numbers:
        """Unix seconds."""
        return self._data[1, : self.count]

    @property
    def values(self) -> Numbers:
        """Values; NaN and infinities as they are."""
        return self._data[2, : self.count]

    def extremes(self) -> tuple[float | None, float | None]:
        """Give the least and the greatest finite value, or None where there is none."""
        import numpy as np  # noqa: PLC0415

        values = self.values
        finite = np.isfinite(values)
        values = values if finite.all() else values[finite]
        return (float(values.min()), float(values.max())) if len(values) else (None, None)


def in_logged_order(columns: Iterable[Columns]) -> Numbers:
    """Give the values of several ranks in the order of their times."""
    import numpy as np  # noqa: PLC0415

    columns = list(columns)
    if len(columns) == 1:
        return columns[0].values
    times = np.concatenate([each.times for each in columns])
    order = np.argsort(times, kind="stable")
    return np.concatenate([each.values for each in columns])[order]


class Series:
    """The points of a metric in the order of one axis; several ranks become their mean and a band.

    Parameters
    ----------
    columns
        Those of each rank.
    axis
        What lies along x.
    """

    def __init__(self, columns: Sequence[Columns], axis: Axis) -> None:
        import numpy as np  # noqa: PLC0415

        self.low: Numbers | None = None
        self.high: Numbers | None = None
        if len(columns) == 1:
            self.steps, self.times, self.y = columns[0].steps, columns[0].times, columns[0].values
        else:
            self._merge(columns)
        if len(self.steps) > 1 and not (self.steps != self.steps[0]).any():
            self.steps = np.arange(float(len(self.steps)))  # MLflow's step where none is given is 0
        self.x = self.steps if axis == "step" else self.times
        self._sort()

    def _merge(self, columns: Sequence[Columns]) -> None:
        import numpy as np  # noqa: PLC0415

        steps = np.concatenate([each.steps for each in columns])
        order = np.argsort(steps, kind="stable")
        self.steps, starts = np.unique(steps[order], return_index=True)
        values = np.concatenate([each.values for each in columns])[order]
        counts = np.diff(np.append(starts, len(values)))
        self.times = np.minimum.reduceat(np.concatenate([each.times for each in columns])[order], starts)
        self.y = np.add.reduceat(values, starts) / counts
        self.low = np.fmin.reduceat(values, starts)
        self.high = np.fmax.reduceat(values, starts)

    def _sort(self) -> None:
        import numpy as np  # noqa: PLC0415

        if len(self.x) > 1 and bool((self.x[1:] < self.x[:-1]).any()):
            self._take(np.argsort(self.x, kind="stable"))

    def _take(self, chosen: Any) -> None:
        self.x, self.steps, self.times, self.y = (column[chosen] for column in (self.x, self.steps, self.times, self.y))
        if self.low is not None and self.high is not None:
            self.low, self.high = self.low[chosen], self.high[chosen]

    def cut(self, low: float | None, high: float | None) -> Series:
        """Keep what lies between two values of x, and a point on either side: lines reach the edge."""
        first = 0 if low is None else max(0, int(self.x.searchsorted(low, "left")) - 1)
        last = len(self.x) if high is None else int(self.x.searchsorted(high, "right")) + 1
        self._take(slice(first, last))
        return self

    def thin(self, points: int) -> Series:
        """Keep at most so many points: the first, the last, and the least and greatest of each pixel."""
        import numpy as np  # noqa: PLC0415

        count = len(self.y)
        points = max(points, 8)
        if count <= points:
            return self
        edges = np.linspace(self.x[0], self.x[-1], (points - 2) // 2 + 1)[1:-1]
        bounds = [0, *np.searchsorted(self.x, edges).tolist(), count]
        finite = np.isfinite(self.y)  # an infinity would hide every peak of its pixel
        low, high = np.where(finite, self.y, np.inf), np.where(finite, self.y, -np.inf)
        chosen = [0, count - 1]
        for first, end in pairwise(bounds):
            if first < end:
                chosen += [first + int(low[first:end].argmin()), first + int(high[first:end].argmax())]
        self._take(np.unique(chosen))
        return self


def plain(numbers: Numbers, digits: int | None = None) -> list[float | int | None]:
    """Make JSON of numbers: whole ones without a fraction, None for what cannot be drawn."""
    import numpy as np  # noqa: PLC0415

    if digits is not None:
        numbers = np.round(numbers, digits)
    finite = np.isfinite(numbers)
    if finite.all():
        whole = bool((numbers == np.floor(numbers)).all()) and bool((np.abs(numbers) < 2**53).all())
        told: list[float | int | None] = (numbers.astype(np.int64) if whole else numbers).tolist()
        return told
    return [value if isfinite(value) else None for value in numbers.tolist()]


def spelled(value: Any) -> Any:
    """Give a value as JSON can carry it: NaN and the infinities by their names."""
    if isinstance(value, float) and not isfinite(value):
        if value != value:  # noqa: PLR0124 - only NaN differs from itself
            return "NaN"
        return "Infinity" if value > 0 else "-Infinity"
    return value
