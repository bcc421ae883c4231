"""Shows a build under its cell: one display that changes, or lines one after another in a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import uuid4

from jupyter_ext.magics.interrupt import interrupt_script

if TYPE_CHECKING:
    from jupyter_ext.build import Built, Progress
    from jupyter_ext.magics.build_text import Telling

_PERIOD = 0.5  # seconds between two changes of the display
_CLOCK = 1.0  # and where nothing but the time has changed


class LinesView:
    """Prints what happens, a line each: for a terminal."""

    def __init__(self, telling: Telling) -> None:
        self.telling = telling
        self._began = time.monotonic()

    def take(self, progress: Progress) -> None:
        """Tell what has happened."""
        self._say(self.telling.take(progress))

    def look(self) -> None:
        """Show that time passes."""

    def done(self, built: Built) -> None:
        """Tell that it is built."""
        self._say(self.telling.done(built))

    def unchanged(self, built: Built) -> None:
        """Tell that it was there."""
        before = len(self.telling.lines)
        self.telling.unchanged(built)
        for line in self.telling.lines[before:]:
            self._say(line)

    def registered(self) -> None:
        """Tell that it is registered, and not built."""
        self._say(self.telling.registered())

    def failed(self) -> None:
        """Tell that it has failed."""
        self._say(self.telling.failed(self._seconds))

    def stopped(self) -> None:
        """Tell that it was interrupted."""
        self._say(self.telling.stopped(self._seconds))

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _say(self, line: str | None) -> None:
        if line:
            print(line, flush=True)  # noqa: T201 - this is what a terminal shows


class DisplayView(LinesView):
    """Changes one display: for a notebook. Its plain text are the lines, for front ends that show no HTML."""

    def __init__(self, telling: Telling) -> None:
        super().__init__(telling)
        telling.stop = interrupt_script()
        self._id = uuid4().hex
        self._shown = 0.0
        self._is_there = self._is_news = False

    def take(self, progress: Progress) -> None:
        """Tell what has happened, at most twice a second."""
        self.telling.take(progress)
        self._is_news = True
        self.look()

    def look(self) -> None:
        """Bring the display up to date, at most twice a second."""
        if time.monotonic() - self._shown >= (_PERIOD if self._is_news else _CLOCK):
            self._is_news = False
            self.telling.seconds = self._seconds
            self._say(None)

    def unchanged(self, built: Built) -> None:
        """Tell that it was there."""
        self._say(self.telling.unchanged(built))

    def _say(self, line: str | None) -> None:
        from IPython.display import display  # noqa: PLC0415 - a notebook has it

        del line
        bundle = {"text/plain": "\n".join(self.telling.lines), "text/html": self.telling.html()}
        display(bundle, raw=True, display_id=self._id, update=self._is_there)  # type: ignore[no-untyped-call]
        self._is_there, self._shown = True, time.monotonic()
