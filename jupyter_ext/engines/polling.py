"""Waiting for the end of a launcher, which may be nobody's child here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SHORT_RUN_SECONDS = 5.0
_FAST_SECONDS = 0.02
_SLOW_SECONDS = 0.1


class Polling:
    """Looks often while a run is young, since a short one is waited for, and seldom later, since looking costs."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def until_gone(self, alive: Callable[[], bool], seconds: float) -> bool:
        """Wait until ``alive()`` is False, at most ``seconds``; return whether it is."""
        end = time.monotonic() + seconds
        while alive():
            now = time.monotonic()
            if now >= end:
                return False
            pause = _FAST_SECONDS if now - self._began < _SHORT_RUN_SECONDS else _SLOW_SECONDS
            time.sleep(min(pause, end - now))
        return True
