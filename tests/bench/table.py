"""What a benchmark found, and how it is printed."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Row:
    """One figure of ours, beside the peer's from the same run, or beside the limit it must keep.

    Attributes
    ----------
    value, peer
        In ``unit``; ``peer`` is None where there is a limit alone.
    goal
        What the ratio, or the figure, is to be.
    """

    what: str
    value: float
    unit: str
    beside: str
    peer: float | None
    goal: str
    kept: bool

    def cells(self) -> tuple[str, ...]:
        peer = "" if self.peer is None else f"{self.peer:.4g} {self.unit}"
        ratio = "" if not self.peer else f"{self.value / self.peer:.2f}"
        verdict = ("kept" if self.kept else "NOT KEPT") if self.goal else "no verdict"
        return (self.what, f"{self.value:.4g} {self.unit}", self.beside, peer, ratio, self.goal, verdict)


HEAD = ("what", "ours", "beside", "theirs", "ratio", "goal", "")


def at_most(what: str, value: float, unit: str, limit: float) -> Row:
    return Row(what, value, unit, "the limit", None, f"<= {limit:g} {unit}", value <= limit)


def at_least(what: str, value: float, unit: str, limit: float) -> Row:
    return Row(what, value, unit, "the limit", None, f">= {limit:g} {unit}", value >= limit)


def ratio_at_most(what: str, value: float, unit: str, beside: str, peer: float, limit: float) -> Row:
    return Row(what, value, unit, beside, peer, f"ratio <= {limit:g}", value <= limit * peer)


def show(rows: Iterable[Row]) -> None:
    table = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(HEAD))]
    for cells in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip(), flush=True)


def median_of(times: int, action: Callable[[], float | None]) -> float:
    """Return the median of what ``action`` returns, or of how long it takes in seconds."""
    values = []
    for _ in range(times):
        began = time.perf_counter()
        value = action()
        values.append(time.perf_counter() - began if value is None else value)
    return statistics.median(values)
