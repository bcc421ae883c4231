"""Runs a program for a build, so that it ends when the build does."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_GRACE = 2.0  # seconds between asking a program to end and ending it
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def run(
    command: Sequence[str | Path],
    on_line: Callable[[str], None],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> int:
    """Run a program to its end and return its exit code; it ends too when this call is interrupted.

    Parameters
    ----------
    command
        The program and its arguments.
    on_line
        Called with each line of its output and errors.
    environment
        Its environment variables; None for ours.
    folder
        Its working directory; None for ours.
    """
    with subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment) if environment is not None else None,
        cwd=folder,
        start_new_session=True,
        preexec_fn=_die_with_parent if _LIBC else None,  # noqa: PLW1509 - it makes one system call only
    ) as process:
        try:
            if process.stdout is not None:
                for line in process.stdout:
                    on_line(line.decode(errors="replace").rstrip("\r\n"))
            return process.wait()
        except BaseException:
            _end(process)
            raise


def output_of(
    command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> str | None:
    """Return what a short program prints, or None when it fails."""
    words = [str(word) for word in command]
    answer = subprocess.run(words, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    return answer.stdout if answer.returncode == 0 else None


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
            return


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
