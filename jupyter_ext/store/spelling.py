"""How sizes, numbers and moments are spelled."""

from __future__ import annotations

import time
from math import isfinite
from typing import Any

_LARGE = 1e6
_SMALL = 1e-3
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
NO_FORMULA = 'class="mathjax_ignore tex2jax_ignore"'
"""What HTML has that is shown under a cell: JupyterLab takes what stands between two ``$`` for a formula."""


def size_text(size: float) -> str:
    """Spell a number of bytes for people."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:  # noqa: PLR2004 - the step between decimal units
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def number(value: Any) -> str:
    """Spell a value in few characters: four significant digits of a fraction, whole numbers whole."""
    if value is None:
        return "none"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if not isfinite(value):
        return str(value)
    if isinstance(value, int) or value == int(value):
        return f"{value:.0f}" if abs(value) < _LARGE else f"{value:.4g}"
    if abs(value) < _SMALL or abs(value) >= _LARGE:
        return f"{value:.3e}"
    return f"{value:.4g}"


def ago(moment: float) -> str:
    """Spell how long ago a moment was, in Unix seconds; its date where that is over a month."""
    seconds = max(0.0, time.time() - moment)
    if seconds < _MINUTE:
        return "just now"
    for unit, size, limit in (("min", _MINUTE, _HOUR), ("h", _HOUR, _DAY), ("d", _DAY, 30 * _DAY)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit} ago"
    return time.strftime("%Y-%m-%d", time.localtime(moment))


def ordinal(number: int) -> str:
    """Spell a place: 1st, 2nd, 3rd, 11th."""
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
