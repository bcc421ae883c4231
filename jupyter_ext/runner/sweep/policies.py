"""Which children of a sweep promise too little to go on; the rules are v1's.

A child has had as many intervals as it has logged values of the primary metric, and is compared with what the others
had logged after as many.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from jupyter_ext.store.sweep_record import MAXIMIZE
from jupyter_ext.store.sweeps import best_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_ext.store.sweep_record import Sweep

    Series = Mapping[str, Sequence[float]]


class Stopping:
    """The policy of a sweep.

    Parameters
    ----------
    sweep
        What it says.
    """

    def __init__(self, sweep: Sweep) -> None:
        self._goal = sweep.goal
        self._properties = sweep.policy_properties
        self._rule = {
            "Bandit": self._bandit,
            "MedianStopping": self._median,
            "TruncationSelection": self._truncation,
        }.get(sweep.policy)
        self._judged: dict[str, int] = {}

    def hopeless(self, live: Sequence[str], series: Series) -> list[str]:
        """Return the children among ``live`` that are to end.

        Parameters
        ----------
        live
            Ids of those that go on.
        series
            The values of every child so far.
        """
        if self._rule is None:
            return []
        found = []
        for child in live:
            interval = self._due(child, len(series.get(child, ())))
            if interval and self._rule(child, interval, series):
                found.append(child)
        return found

    def _due(self, child: str, intervals: int) -> int:
        """Return the last interval at which the policy judges a child and has not yet; 0 for none."""
        every = int(self._properties.get("evaluation_interval") or 1)
        last = intervals - intervals % every
        if last <= self._judged.get(child, 0) or last < int(self._properties.get("delay_evaluation") or 0):
            return 0
        self._judged[child] = last
        return last

    def _best(self, values: Sequence[float]) -> float:
        best = best_of(values, self._goal)
        assert best is not None  # noqa: S101 - only those that have values are judged
        return best

    def _is_worse(self, value: float, limit: float) -> bool:
        return value < limit if self._goal == MAXIMIZE else value > limit

    def _bandit(self, child: str, interval: int, series: Series) -> bool:
        best = self._best([self._best(values[:interval]) for values in series.values() if values])
        return self._is_worse(self._best(series[child][:interval]), self._allowed(best))

    def _allowed(self, best: float) -> float:
        amount: Any = self._properties.get("slack_amount")
        sign = 1 if self._goal == MAXIMIZE else -1
        if amount is not None:
            return best - sign * float(amount)
        slack = 1 + float(self._properties.get("slack_factor") or 0)
        return best / slack if (self._goal == MAXIMIZE) == (best > 0) else best * slack

    def _median(self, child: str, interval: int, series: Series) -> bool:
        averages = [statistics.fmean(values[:interval]) for values in series.values() if len(values) >= interval]
        return self._is_worse(self._best(series[child][:interval]), statistics.median(averages))

    def _truncation(self, child: str, interval: int, series: Series) -> bool:
        reached = {one: self._best(values[:interval]) for one, values in series.items() if len(values) >= interval}
        worst_first = sorted(reached, key=reached.__getitem__, reverse=self._goal != MAXIMIZE)
        ended = len(reached) * int(self._properties.get("truncation_percentage") or 0) // 100
        return child in worst_first[:ended]
