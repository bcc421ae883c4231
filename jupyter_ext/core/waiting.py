"""Waiting for the end of a run, with v1's streamed text."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    ActivityFailedException,
    ExperimentExecutionException,
)
from jupyter_ext.store.records import TERMINAL

if TYPE_CHECKING:
    from pathlib import Path

    from .run import Run

_FASTEST_SECONDS = 0.05
_SLOWEST_SECONDS = 1.0
_PIECE_BYTES = 1 << 20
# what a terminal acts on; colours may stay, and so may tab, newline and carriage return
_CONTROLS = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[PX^_].*?(?:\x1b\\|$)|\x1b\[(?![0-9;:]*m)[0-?]*[ -/]*[@-~]?"
    r"|\x1b(?!\[)[ -/]*[0-~]?|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]"
)


def wait(run: Run, *, show_output: bool, raise_on_error: bool) -> dict[str, Any]:
    """Wait until the run has ended; see :meth:`Run.wait_for_completion`."""
    stream = _Stream(run) if show_output else None
    pause = _FASTEST_SECONDS
    try:
        while run.get_status() not in TERMINAL:
            moved = stream.step() if stream else False
            pause = _FASTEST_SECONDS if moved else min(pause * 1.2, _SLOWEST_SECONDS)
            time.sleep(pause)
    except KeyboardInterrupt:
        raise ExperimentExecutionException(
            f"The wait was interrupted, and the run goes on. To end it: run.cancel(). Its id: {run.id}"
        ) from None
    if stream:
        stream.finish()
    details = run.get_details()
    if run.status == "Failed":
        if raise_on_error:
            raise ActivityFailedException(details["error"])
        if stream:
            print(f"\nError:\n{terminal_text(details['error']['error']['message'])}")  # noqa: T201 - asked for by show_output
    return details


def terminal_text(text: str) -> str:
    """Return ``text`` without what would make a terminal do anything but write and colour."""
    return _CONTROLS.sub("", text)


class _Stream:
    """Prints a run's logs as they grow, one at a time: the build's, then the script's."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._name: str | None = None
        self._offset = 0
        self._rest = b""
        print(f"RunId: {run.id}\nWeb View: {run.get_portal_url()}", flush=True)  # noqa: T201 - asked for by show_output

    def step(self) -> bool:
        """Print what was added; return whether there was anything."""
        name = self._log()
        if name is None:
            return False
        if name != self._name:
            while self._name and self._print_growth(self._run.paths.root / self._name):
                pass
            self._print_rest()
            self._name, self._offset, self._rest = name, 0, b""
            title = f"Streaming {name}"
            print(f"\n{title}\n{'=' * len(title)}\n", flush=True)  # noqa: T201 - asked for by show_output
        return self._print_growth(self._run.paths.root / name)

    def finish(self) -> None:
        """Print the end of the log, and v1's summary."""
        while self.step():
            pass
        self._print_rest()
        run = self._run
        print(  # noqa: T201 - asked for by show_output
            f"\nExecution Summary\n{'=' * 17}\nRunId: {run.id}\nWeb View: {run.get_portal_url()}", flush=True
        )

    def _log(self) -> str | None:
        root = self._run.paths.root
        logs = sorted(file.name for file in self._run.paths.user_logs.glob("std_log*.txt"))
        if logs:
            return f"user_logs/{logs[0]}"
        return "system_logs/build.log" if (root / "system_logs" / "build.log").exists() else None

    def _print_growth(self, path: Path) -> bool:
        with path.open("rb") as file:
            file.seek(self._offset)
            data = file.read(_PIECE_BYTES)
        if not data:
            return False
        self._offset += len(data)
        whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
        if newline:
            print(terminal_text(whole.decode(errors="replace")), flush=True)  # noqa: T201 - asked for by show_output
        return True

    def _print_rest(self) -> None:
        if self._rest:
            print(terminal_text(self._rest.decode(errors="replace")), flush=True)  # noqa: T201 - asked for by show_output
            self._rest = b""
