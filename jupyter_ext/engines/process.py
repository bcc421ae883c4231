"""A node whose ranks are processes of this machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.records import read_records
from jupyter_ext.store.locks import is_locked

from .polling import Polling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_ext.store.paths import RunPaths

RUNTIME = Path(__file__).parent.parent / "runtime"


class ProcessNode:
    """One node of a run: a launcher in its own session, which outlives whoever started it.

    Parameters
    ----------
    paths
        The run.
    node
        The node's number, from 0.
    """

    def __init__(self, paths: RunPaths, node: int) -> None:
        self._paths = paths
        self._node = node
        self._process: subprocess.Popen[bytes] | None = None
        self._polling = Polling()

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the launcher with ``environment``, which the ranks inherit."""
        with self._paths.runner_log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-S",
                    str(RUNTIME / "launcher.py"),
                    str(self._paths.root),
                    str(self._node),
                ],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self._paths.root,
            )

    def alive(self) -> bool:
        """Tell whether the launcher, or the guard that ends its ranks, lives."""
        if self._process is not None and self._process.poll() is None:
            return True
        return is_locked(self._paths.launch_lock(self._node))

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the launcher, at most ``seconds``; return whether it has ended."""
        return self._polling.until_gone(self.alive, seconds)

    def stop(self, *, at_once: bool = False) -> None:
        """Ask the launcher to end its ranks; with ``at_once`` kill it, and its guard kills them."""
        self._signal(signal.SIGKILL if at_once else signal.SIGTERM)

    def stop_with_the_others(self) -> None:
        """Ask the launcher to end its ranks, as another node has ended."""
        self._signal(signal.SIGUSR1)

    def _signal(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            return
        for event in read_records(str(self._paths.launch_events(self._node))):
            if event.get("event") == "launcher" and self.alive():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(event["pid"], number)

    def remove(self) -> str | None:
        """Tidy up after the launcher; return why it is gone, where this engine knows."""
        return None
