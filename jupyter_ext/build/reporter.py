"""Hands on what happens in a build: to the caller, and whole to the log."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from jupyter_ext.build.records import Progress
from jupyter_ext.store.data.addresses import without_passwords
from jupyter_ext.store.live.terminal_text import plain
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self


class Reporter:
    """Numbers the steps of a build and passes its output on.

    Parameters
    ----------
    report
        Called with each progress record.
    logs
        Files that get all output; the first begins anew, the others are appended to.
    """

    def __init__(self, report: Callable[[Progress], None], logs: Iterable[Path]) -> None:
        self.notes: list[str] = []
        self.last_lines: list[str] = []
        self._report = report
        self._paths = list(logs)
        self._files = ExitStack()
        self._started = time.monotonic()
        self._step = self._steps = 0
        self._text = self._phase = ""

    def __enter__(self) -> Self:
        self._open = [
            self._files.enter_context(path.open("a" if index else "w", encoding="utf-8"))
            for index, path in enumerate(self._paths)
        ]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    @property
    def log(self) -> Path:
        """The file that holds the whole output."""
        return self._paths[0]

    @property
    def text(self) -> str:
        """What the current step does."""
        return self._text

    def plan(self, steps: int) -> None:
        """Say how many more steps there will be from here."""
        self._steps = self._step + steps

    def step(self, text: str) -> None:
        """Begin the next step."""
        self._step += 1
        self._steps = max(self._steps, self._step)
        self._text, self._phase = clean(text), ""
        self.last_lines = []
        self._write(f"[{self._step}/{self._steps}] {self._text}")
        self._send(None)

    def phase(self, phase: str) -> None:
        """Say what the current step is doing: ``solve``, ``download`` or ``install``."""
        self._phase = phase

    def downloaded(self, done: int, total: int, *, pushing: bool = False) -> None:
        """Say how many bytes have been downloaded, or pushed; that stays out of the log."""
        self._phase = "push" if pushing else "download"
        word = "Pushed" if pushing else "Downloaded"
        self._send(f"{word} {size_text(done)} of {size_text(total)}", done=done, total=total)

    def line(self, text: str, *, lasting: bool = True) -> None:
        """Pass on a line of output; one that does not last, such as a percentage, stays out of the log."""
        shown = clean(text.rstrip())
        if lasting:
            self.last_lines = [*self.last_lines[-9:], shown]
            self._write(shown)
        self._send(shown)

    def note(self, text: str) -> None:
        """Pass on a line that the user should see even where output is hidden, and keep it."""
        self.notes.append(text)
        self._write(text)
        self._send(text, note=True)

    def _send(self, line: str | None, *, note: bool = False, done: int = 0, total: int = 0) -> None:
        seconds = round(time.monotonic() - self._started, 3)
        progress = Progress(self._step, self._steps, self._text, line, note, seconds, self._phase, done, total)
        self._report(progress)

    def _write(self, text: str) -> None:
        for file in self._open:
            file.write(text + "\n")
            file.flush()


def as_text(progress: Progress) -> str | None:
    """Return what a log has of a progress record; None for what does not last."""
    if progress.line is None:
        return f"[{progress.step}/{progress.steps}] {progress.text}"
    return None if progress.total else progress.line


def clean(text: str) -> str:
    """Take out what only a terminal understands, and what is secret in addresses."""
    return without_passwords(plain(text), "****")
