"""Whether somebody looks after the launcher: whoever does writes into a file now and then."""

import os
import time

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

PERIOD_SECONDS = 1.0


class Beat:
    """Looks after a file that has to change again and again.

    Parameters
    ----------
    path
        The file.
    seconds
        How long it may stay as it is. Counted on this machine's own clock, as others may differ.
    """

    def __init__(self, path: str, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._seen: "Any" = None
        self._since = time.monotonic()

    def is_lost(self) -> bool:
        """Tell whether it has not changed for too long."""
        now = time.monotonic()
        try:
            state = os.stat(self._path)
            seen: "Any" = (state.st_mtime_ns, state.st_ino)
        except OSError:
            seen = None
        if seen != self._seen:
            self._seen, self._since = seen, now
        return now - self._since > self._seconds
