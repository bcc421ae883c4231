"""Waiting for the end of a run, with v1's streamed text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    ActivityFailedException,
    ExperimentExecutionException,
)
from jupyter_ext.store.live.log_follower import follow
from jupyter_ext.store.live.terminal_text import plain
from jupyter_ext.store.records import TERMINAL

if TYPE_CHECKING:
    from .run import Run

_FASTEST_SECONDS = 0.05
_SLOWEST_SECONDS = 1.0


def wait(run: Run, *, show_output: bool, raise_on_error: bool) -> dict[str, Any]:
    """Wait until the run has ended; see :meth:`Run.wait_for_completion`."""
    try:
        if show_output:
            _stream(run)
        else:
            _wait(run)
    except KeyboardInterrupt:
        raise ExperimentExecutionException(
            f"The wait was interrupted, and the run goes on. To end it: run.cancel(). Its id: {run.id}"
        ) from None
    details = run.get_details()
    if run.status == "Failed":
        if raise_on_error:
            raise ActivityFailedException(details["error"])
        if show_output:
            _say(f"\nError:\n{plain(details['error']['error']['message'])}\n")
    return details


def _wait(run: Run) -> None:
    pause = _FASTEST_SECONDS
    while not _has_ended(run):
        time.sleep(pause)
        pause = min(pause * 1.2, _SLOWEST_SECONDS)


def _has_ended(run: Run) -> bool:
    return run.get_status() in TERMINAL


def _stream(run: Run) -> None:
    """Print a run's logs as they grow, one after the other, and v1's summary."""
    about = f"RunId: {run.id}\nWeb View: {run.get_portal_url()}\n"
    _say(about)
    for name, text in follow(run.paths, lambda: _has_ended(run)):
        title = f"Streaming {name}"
        _say(text or f"\n{title}\n{'=' * len(title)}\n\n")
    _say(f"\nExecution Summary\n{'=' * 17}\n{about}")


def _say(text: str) -> None:
    print(text, end="", flush=True)  # noqa: T201 - asked for by show_output
