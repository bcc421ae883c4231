"""A run's place in the line, followed for as long as it waits."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from jupyter_ext.store.catalogue import Catalogue

from .queue import Queue

if TYPE_CHECKING:
    from jupyter_ext.store.live.story import Story
    from jupyter_ext.store.paths import RunPaths

_PERIOD_SECONDS = 1.0


class Place:
    """Follows one run's place.

    Attributes
    ----------
    standing
        ``3rd in line for cluster``, and which GPUs it waits for; nothing when it does not wait.
    """

    def __init__(self, paths: RunPaths) -> None:
        self.standing = ""
        self._workspace = paths.workspace
        self._queue = Queue(Catalogue(self._workspace))
        self._due = 0.0

    def refresh(self, story: Story) -> bool:
        """Look again, once a second at most; return whether anything changed."""
        now, before = time.monotonic(), self.standing
        if story.spec is None or story.status != "Queued":
            self.standing = ""
        elif now >= self._due and self._workspace.catalogue.exists():
            self._due = now + _PERIOD_SECONDS
            with suppress(sqlite3.OperationalError):  # busy: the next look tells
                self.standing = self._queue.standing(story.spec.run_id, story.spec.target)
        return self.standing != before
