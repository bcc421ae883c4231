"""When the lines of a run's logs were written, to the second, as far as somebody watched."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

from .growth import Growth, decode_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Times = list[tuple[int, float | None]]


class _Mark(msgspec.Struct, frozen=True):
    t: float
    sizes: dict[str, int]
    first: bool = False


class _Marks:
    """Of one log: how far it had come, when, and whether somebody had watched until then."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.sizes = array("Q")
        self.times = array("d")
        self.watched = bytearray()

    def add(self, size: int, t: float, *, watched: bool) -> None:
        if self.sizes and size < self.sizes[-1]:  # it was begun anew
            self._forget()
        self.sizes.append(size)
        self.times.append(t)
        self.watched.append(watched)


_DECODER = msgspec.json.Decoder(_Mark)


class LogTimes:
    """Reads the marks that a run's runner writes as its logs grow.

    Parameters
    ----------
    path
        The file of marks. It need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._growth = Growth(path)
        self._logs: dict[str, _Marks] = {}

    def refresh(self) -> set[str]:
        """Read what was added; return the names of the logs that it is about."""
        changed: set[str] = set()
        for piece in self._growth.pieces():
            if not piece:
                self._logs = {}
            for mark in decode_lines(_DECODER, piece)[0]:
                for name, size in mark.sizes.items():
                    self._logs.setdefault(name, _Marks()).add(max(0, size), mark.t, watched=not mark.first)
                    changed.add(name)
        return changed

    def of_lines(self, name: str, first: int, ends: Sequence[int]) -> Times:
        """Tell when lines were written.

        Parameters
        ----------
        name
            The log.
        first
            Number of the first of the lines.
        ends
            The byte at which each of them ends.

        Returns
        -------
        list of tuple of int and float
            Each tells of the lines before that number that no earlier entry tells of: the unix second at which
            they were all there, or None where nobody knows it. Lines after the last have no mark yet.
        """
        marks = self._logs.get(name)
        told: Times = []
        if marks is None:
            return told
        last = -1
        for number, end in enumerate(ends, first):
            mark = bisect_left(marks.sizes, end)
            if mark == len(marks.sizes):
                break
            if mark == last:
                told[-1] = (number + 1, told[-1][1])
            else:
                told.append((number + 1, marks.times[mark] if marks.watched[mark] else None))
                last = mark
        return told

    def size_at(self, name: str, t: float) -> int | None:
        """Tell how far a log had come at a time, to the second; None where nobody knows."""
        marks = self._logs.get(name)
        if marks is None:
            return None
        mark = min(bisect_left(marks.times, t), len(marks.times) - 1)
        return marks.sizes[mark] if marks.watched[mark] else None
