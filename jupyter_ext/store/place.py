"""A run's place in the line, followed for as long as it waits."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from .catalogue import Catalogue
from .paths import WorkspacePaths
from .queue import Queue

if TYPE_CHECKING:
    from .paths import RunPaths
    from .story import Story

_PERIOD_SECONDS = 1.0


class Place:
    """Follows one run's place.

    Attributes
    ----------
    place
        From 1; None when it does not wait.
    standing
        The same in words, with what it waits for.
    """

    def __init__(self, paths: RunPaths) -> None:
        self.place: int | None = None
        self.standing = ""
        self._workspace = WorkspacePaths(paths.root.parent.parent)
        self._queue = Queue(Catalogue(self._workspace))
        self._due = 0.0

    def refresh(self, story: Story) -> bool:
        """Look again, once a second at most; return whether anything changed."""
        now, before = time.monotonic(), (self.place, self.standing)
        if story.spec is None or story.status != "Queued":
            self.place, self.standing = None, ""
        elif now >= self._due and self._workspace.catalogue.exists():
            self._due = now + _PERIOD_SECONDS
            with suppress(sqlite3.OperationalError):  # busy: the next look tells
                self.place = self._queue.place(story.spec.run_id, story.spec.target) or None
                self.standing = self._queue.standing(story.spec.run_id, story.spec.target)
        return (self.place, self.standing) != before
