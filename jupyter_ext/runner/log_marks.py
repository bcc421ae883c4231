"""Marks of how far each log had come at which second, so that readers can tell when a line was written."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.records import append_record

if TYPE_CHECKING:
    from jupyter_ext.store.paths import RunPaths

_PERIOD_SECONDS = 1.0


class LogMarks:
    """Appends to ``log_times.jsonl`` what the logs grew by, whenever a second has passed.

    A mark is ``{"t", "sizes": {log: bytes}}`` with the logs that grew since the last. The first of a runner has
    ``"first": true``: what stands in the logs by then was written at a time that nobody knows.
    """

    def __init__(self, paths: RunPaths) -> None:
        self._paths = paths
        self._sizes: dict[str, int] = {}
        self._begun = False
        self._due = time.monotonic()

    def tick(self) -> None:
        """Mark when a second has passed since the last time."""
        if time.monotonic() >= self._due:
            self.mark()

    def mark(self) -> None:
        """Mark what is new."""
        self._due = time.monotonic() + _PERIOD_SECONDS
        t = round(time.time(), 3)
        sizes = self._look()
        grown = {name: size for name, size in sizes.items() if size != self._sizes.get(name, 0)}
        if self._begun and not grown:
            return
        record: dict[str, Any] = {"t": t, "sizes": grown}
        if not self._begun:
            record["first"] = True
        with contextlib.suppress(OSError):  # on a full disk, marks are the least of what it costs
            append_record(str(self._paths.log_times), record)
            self._begun, self._sizes = True, sizes

    def _look(self) -> dict[str, int]:
        sizes = {}
        for folder in (self._paths.user_logs, self._paths.system_logs):
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        sizes[f"{folder.name}/{entry.name}"] = entry.stat(follow_symlinks=False).st_size
        return sizes
