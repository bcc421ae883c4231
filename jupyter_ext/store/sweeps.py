"""A sweep: a run that tries out parameters with child runs of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_ext.store.live.metric_file import MetricFile

from .sweep_record import MAXIMIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .paths import RunPaths


def child_id(run_id: str, number: int) -> str:
    """Return the id of a sweep's child, from 0 (v1's form)."""
    return f"{run_id}_{number}"


def parameters_of(run_id: str, tags: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the parameters of each child that a sweep has begun, by id, in their order; its tags hold them (v1)."""
    numbers = [key.rpartition("_")[2] for key in tags if key.startswith(f"{run_id}_")]
    ids = [child_id(run_id, number) for number in sorted(int(number) for number in numbers if number.isdigit())]
    return {one: json.loads(tags[one]) for one in ids}


def best_of(values: Sequence[float], goal: str) -> float | None:
    """Return the best of a child's values; None where it has none."""
    if not values:
        return None
    return max(values) if goal == MAXIMIZE else min(values)


class MetricSeries:
    """The values of one metric of a run, in the order in which they were logged.

    Parameters
    ----------
    paths
        The run.
    name
        The metric.
    """

    def __init__(self, paths: RunPaths, name: str) -> None:
        self._file = MetricFile(paths.metrics)
        self._name = name
        self._values: list[float] = []

    def read(self) -> list[float]:
        """Return the numbers that have been logged so far."""
        if self._file.refresh() and self._name in self._file.metrics:
            found = self._file.metrics[self._name].value("")
            values = found if isinstance(found, list) else [found]
            self._values = [float(value) for value in values if _is_number(value)]
        return self._values


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - not NaN
