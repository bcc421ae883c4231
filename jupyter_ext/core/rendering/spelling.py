"""How times and states are spelled where no script can do it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_MINUTE = 60
_HOUR = 3600
_DAY = 86_400
_NOTHING_BELOW = 0.05
_TENTHS_BELOW = 9.95
_SIGNS = {"Completed": "✓", "Failed": "✕", "Canceled": "■", "CancelRequested": "■"}


def sign(status: str) -> str:
    """Give a sign for a state, so that it can be told without colour."""
    return _SIGNS.get(status, "●")


def duration(seconds: float | None) -> str:
    """Spell a duration as the view does: ``0.2 s``, ``14 s``, ``2 m 05 s``, ``3 h 07 m``, ``2 d 04 h``."""
    if seconds is None:
        return ""
    if seconds < _TENTHS_BELOW:
        return "0 s" if seconds < _NOTHING_BELOW else f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} m {whole % _MINUTE:02} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} m"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR:02} h"


def ran(run: Mapping[str, Any]) -> float | None:
    """Tell how long a run has run: seconds from its script's start to its end, or until now; None where it never began.

    Parameters
    ----------
    run
        Its ``started`` and ``ended``, unix seconds or None, and ``now``.
    """
    return None if run["started"] is None else (run["ended"] or run["now"]) - run["started"]


def run_time(run: Mapping[str, Any]) -> str:
    """Spell how long a run has run; of one that has not begun, for how long it waits since it was ``created``."""
    seconds = ran(run)
    if seconds is not None:
        return duration(seconds)
    if run["ended"] is not None:
        return "did not run"
    return f"waiting {duration(run['now'] - run['created'])}" if run["created"] else ""


def moment(t: float | None) -> str:
    """Spell a point in time with its zone."""
    if t is None:
        return ""
    return datetime.fromtimestamp(t).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def count(n: int, thing: str) -> str:
    """Write how many there are of a thing: ``1 line``, ``2 lines``."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"
