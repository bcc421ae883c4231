"""How times and states are spelled where no script can do it."""

from __future__ import annotations

from datetime import datetime

_MINUTE = 60
_HOUR = 3600
_TENTHS_BELOW = 10
_SIGNS = {"Completed": "✓", "Failed": "✕", "Canceled": "■", "CancelRequested": "■"}


def sign(status: str) -> str:
    """Give a sign for a state, so that it can be told without colour."""
    return _SIGNS.get(status, "●")


def duration(seconds: float | None) -> str:
    """Spell a duration: ``0.2 s``, ``14 s``, ``2 m 14 s``, ``3 h 5 m``."""
    if seconds is None:
        return ""
    seconds = max(0.0, seconds)
    if seconds < _TENTHS_BELOW:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} m {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} m"


def moment(t: float | None) -> str:
    """Spell a point in time with its zone."""
    if t is None:
        return ""
    return datetime.fromtimestamp(t).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def count(n: int, thing: str) -> str:
    """Write how many there are of a thing: ``1 line``, ``2 lines``."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"
