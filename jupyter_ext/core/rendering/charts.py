"""Charts as SVG that needs no script and no style sheet."""

from __future__ import annotations

import html
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any

from jupyter_ext.store.spelling import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH = 300
HEIGHT = 132

_LEFT = 1
_RIGHT = 8
_TOP = 8
_BOTTOM = 8
_MOST_POINTS = 240
_LINE = "#3b82f6"
_LINES = (_LINE, "#d97706", "#16a34a", "#dc2626", "#9333ea", "#0891b2", "#be185d", "#65a30d")

Point = tuple[float, float]


def chart(metric: Mapping[str, Any]) -> str:
    """Draw the series of one metric over its steps; the axes take the colour of the text around them.

    There is no text in it: hosts that remove SVG leave the text of it, all numbers run together.

    Parameters
    ----------
    metric
        An item of the topic ``metrics`` that has a ``series``.
    """
    series = metric["series"]
    steps, values = series["step"], series["y"]
    low, high = series.get("low") or values, series.get("high") or values
    known = [float(value) for value in (*values, *low, *high) if _is_number(value)]
    if not known:
        return ""
    frame = _Frame(min(steps), max(steps), min(known), max(known))
    points = [
        (frame.x(step), frame.y(value)) if _is_number(value) else None
        for step, value in zip(steps, values, strict=True)
    ]
    band = _band(frame, steps, low, high) if "low" in series else ""
    label = html.escape(f"{metric['name']}: {len(values)} points, last {number(metric['last'])}", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" width="{WIDTH}" '
        f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">{frame.axes()}{band}'
        f'<path d="{_path(_thin(points))}" fill="none" stroke="{_LINE}" stroke-width="1.5" '
        f'stroke-linejoin="round"/></svg>'
    )


def curves(curve: Mapping[str, Any]) -> str:
    """Draw the lines of a curve over one another, each in the colour that :func:`colour` gives.

    Parameters
    ----------
    curve
        One of the ``curves`` of a JSON metric.
    """
    lines = curve["lines"]
    known = [_known(line, "y") for line in lines]
    sides = [_known(line, side) for line in lines for side in ("low", "high") if side in line]
    points = [point for each in (*known, *sides) for point in each]
    if not any(known):
        return ""
    xs, ys = zip(*points, strict=True)
    bottom = 0.0 if any(line.get("look") == "steps" for line in lines) else min(ys)
    frame = _Frame(min(xs), max(xs), bottom, max(ys))
    drawn = [_band(frame, line["x"], line["low"], line["high"]) for line in lines if "low" in line]
    drawn += [
        _curve(frame, line, points, colour(line, k)) for k, (line, points) in enumerate(zip(lines, known, strict=True))
    ]
    label = html.escape(f"{curve['title']}: {curve['about']}", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" width="{WIDTH}" '
        f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">{frame.axes()}{"".join(drawn)}</svg>'
    )


def _curve(frame: _Frame, line: Mapping[str, Any], points: list[Point], colour: str) -> str:
    if line.get("look") == "steps":
        points = [corner for (x, y), (end, _) in pairwise(points) for corner in ((x, y), (end, y))]
    dash = ' stroke-dasharray="4 3" stroke-opacity=".5"' if line.get("look") == "reference" else ""
    path = _path([(frame.x(x), frame.y(y)) for x, y in points])
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.5"{dash}/>'


def colour(line: Mapping[str, Any], place: int) -> str:
    """Give the colour of a line of a curve."""
    return "currentColor" if line.get("look") == "reference" else _LINES[place % len(_LINES)]


def _known(line: Mapping[str, Any], side: str) -> list[Point]:
    return [(x, y) for x, y in zip(line["x"], line[side], strict=True) if _is_number(x) and _is_number(y)]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


class _Frame:
    """Where a point of the data lies in the drawing."""

    def __init__(self, first: float, last: float, low: float, high: float) -> None:
        self._first, self._last = first, last
        self._low, self._high = low, high

    def x(self, value: float) -> float:
        span = (self._last - self._first) or 1.0
        return _LEFT + (value - self._first) / span * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        room = HEIGHT - _TOP - _BOTTOM
        if self._high == self._low:
            return _TOP + room / 2
        return _TOP + (self._high - value) / (self._high - self._low) * room

    def axes(self) -> str:
        values = {self._high, self._low}
        return "".join(
            f'<path d="M{_LEFT} {self.y(value):.1f}H{WIDTH - _RIGHT}" stroke="currentColor" stroke-opacity=".2"/>'
            for value in sorted(values)
        )


def _band(frame: _Frame, steps: Sequence[float], low: Sequence[Any], high: Sequence[Any]) -> str:
    both = [each for each in zip(steps, low, high, strict=True) if all(map(_is_number, each))]
    every = max(1, len(both) // _MOST_POINTS)
    both = both[::every]
    upper = [(frame.x(step), frame.y(top)) for step, _, top in both]
    lower = [(frame.x(step), frame.y(bottom)) for step, bottom, _ in reversed(both)]
    return f'<path d="{_path([*upper, *lower])}Z" fill="{_LINE}" fill-opacity=".18"/>' if both else ""


def _thin(points: list[Point | None]) -> list[Point | None]:
    """Keep the highest and the lowest of each stretch, so that peaks stay."""
    stretch = -(-len(points) // (_MOST_POINTS // 2))
    if stretch <= 2:  # noqa: PLR2004 - two of two would be kept
        return points
    kept: list[Point | None] = []
    for start in range(0, len(points), stretch):
        part = points[start : start + stretch]
        drawn = [point for point in part if point is not None]
        if not drawn:
            kept.append(None)
            continue
        ends = {min(drawn, key=lambda point: point[1]), max(drawn, key=lambda point: point[1])}
        kept += sorted(ends)
    return kept


def _path(points: Iterable[Point | None]) -> str:
    """Join points to lines; where one is missing the line is interrupted."""
    parts: list[str] = []
    command = "M"
    for point in points:
        if point is None:
            command = "M"
            continue
        # A point between two gaps would be nothing but a move, which draws nothing.
        parts.append(f"{command}{point[0]:.1f} {point[1]:.1f}" + ("h.01" if command == "M" else ""))
        command = "L"
    return "".join(parts)
