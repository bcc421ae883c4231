"""What the runner writes into the run directory, and how it says why a run failed."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import time
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event, read_state
from jupyter_ext.runtime.inside.jupyter_aml_run.records import append
from jupyter_ext.runtime.launching.node import MPI_DAEMON
from jupyter_ext.store.live.terminal_text import plain

from . import elastic, mpi
from .blame import REASON_CHARACTERS, blamed
from .ranks import launchers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jupyter_ext.store.catalogue import Catalogue
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec

    from .gang import Outcome

_NO_MPIRUN = "Open MPI has to be in the run's environment: install it there, or ask for PyTorchConfiguration."
BALLAST = "ballast"
_BALLAST_BYTES = 64 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FULL_BYTES = 1024 * 1024
_TAIL_BYTES = 64 * 1024


class Reporter:
    """Writes a run's changes of state; some space is kept aside so that a full disk cannot hide how it ended."""

    def __init__(self, paths: RunPaths, catalogue: Catalogue) -> None:
        self._paths = paths
        self._catalogue = catalogue
        self._ballast = paths.launch / BALLAST
        self._events_size = -1
        self._cancel = False
        try:
            self._ballast.write_bytes(os.urandom(_BALLAST_BYTES))
        except OSError:
            self._ballast.unlink(missing_ok=True)

    def status(
        self, status: str, *, reason: str | None = None, log: str | None = None, exit_code: int | None = None
    ) -> None:
        """Write down that the run has reached ``status``."""
        fields = {"status": status, "reason": reason, "log": log, "exit_code": exit_code}
        self._append({name: value for name, value in fields.items() if value is not None})
        try:
            self._catalogue.set_status(self._paths.run_id, status)
        except Exception as error:  # noqa: BLE001 - the catalogue is an index, made again from what was written above
            say(f"catalogue: {error}")

    def note(self, text: str) -> None:
        """Write down what happens within a phase."""
        self._append({"note": text})

    def cancel_requested(self) -> bool:
        """Tell whether someone asked for the end of the run; costs one ``stat`` when nothing was written."""
        if not self._cancel:
            size = self._paths.events.stat().st_size
            if size != self._events_size:
                self._events_size = size
                self._cancel = read_state(str(self._paths.root))["status"] == "CancelRequested"
        return self._cancel

    def close(self) -> None:
        """Give the space that was kept aside back."""
        self._ballast.unlink(missing_ok=True)

    def _append(self, fields: dict[str, Any]) -> None:
        try:
            append_event(str(self._paths.root), **fields)
        except OSError as error:
            events = self._paths.events
            if error.errno in _FULL:
                self._ballast.unlink(missing_ok=True)
                time.sleep(0.05)  # the space comes back when the file system has written its journal
            elif events.is_symlink() or not events.is_file():  # a script's doing
                events.rename(events.with_name(f"{events.name}.{time.time_ns()}"))
            else:
                raise
            append(str(events), b"\n")  # what was written may have been cut in the middle of its line
            append_event(str(self._paths.root), **fields)


def say(text: str) -> None:
    """Write into the runner's log, if the disk lets us: no run may end because its log cannot grow."""
    with contextlib.suppress(OSError):
        print(text, flush=True)  # noqa: T201 - stdout is the runner's log


def why_it_failed(
    paths: RunPaths,
    spec: RunSpec,
    outcome: Outcome,
    engine_says: str | None,
) -> tuple[str, str | None]:
    """Return why the ranks did not succeed, in one sentence, and the log that tells more."""
    events, end = outcome.events, outcome.end
    first_log = paths.rank_log(next(_ranks(events), 0), spec.rank_count)
    if end is None:
        whose = "The run's launcher" if launchers(spec) == 1 else f"The launcher of node {outcome.node}"
        if outcome.node == spec.node_count:
            whose = "The store by which the nodes find one another"
        return f"{whose} was killed: {engine_says}." if engine_says else f"{whose} was killed.", first_log
    reason = end.get("reason") or ""
    if reason == "timeout":
        return (
            f"It ran longer than max_run_duration_seconds allows ({spec.max_run_duration_seconds:g} s).",
            first_log,
        )
    if reason == "terminated":
        return _why_it_was_ended(spec, outcome.node, engine_says), first_log
    if spec.distribution == "torchrun":
        return _why_torchrun_failed(paths, spec, outcome)
    failed = next((event for event in events if event.get("event") == "exit" and event.get("code")), None)
    if failed is None:
        remedy = f" {_NO_MPIRUN}" if spec.distribution == "mpi" and "mpirun" in reason else ""
        return reason[:1].upper() + reason[1:] + f".{remedy}", None
    return _why_a_rank_failed(paths, spec, outcome.node, failed)


def _why_it_was_ended(spec: RunSpec, node: int, engine_says: str | None) -> str:
    if spec.container and engine_says:
        return (
            f"A signal from outside ended node {node}, such as 'docker stop' or a restart of the engine: {engine_says}."
        )
    return "A signal from outside ended it." if launchers(spec) == 1 else f"A signal from outside ended node {node}."


def _why_torchrun_failed(paths: RunPaths, spec: RunSpec, outcome: Outcome) -> tuple[str, str]:
    failed = elastic.failed_rank(outcome.events)
    if failed:
        return _why_a_rank_failed(paths, spec, outcome.node, failed)
    of_store = outcome.node == spec.node_count
    log = elastic.STORE_LOG if of_store else elastic.log_of(outcome.node)
    words = _last_words(paths.root / log, paths.work)
    who = "The store by which the nodes find one another" if of_store else f"torchrun on node {outcome.node}"
    return f"{who} failed: {words}" if words else f"{who} failed.", log


def _ranks(events: list[dict[str, Any]]) -> Iterator[int]:
    return (one["rank"] for one in events if one.get("event") == "rank" and one["rank"] != MPI_DAEMON)


def _why_a_rank_failed(paths: RunPaths, spec: RunSpec, node: int, failed: dict[str, Any]) -> tuple[str, str]:
    if failed["rank"] == MPI_DAEMON:
        how = f"was killed by {_signal_name(-failed['code'])}" if failed["code"] < 0 else "failed"
        words = _last_words(paths.root / mpi.daemon_log(node), paths.work)
        return f"mpirun's daemon on node {node} {how}{f': {words}' if words else '.'}", mpi.daemon_log(node)
    if spec.distribution == "mpi" and not failed.get("mpi"):  # none of its ranks, but mpirun
        return _last_words(paths.root / mpi.LOG, paths.work) or f"mpirun ended with code {failed['code']}.", mpi.LOG
    log = paths.rank_log(failed["rank"], spec.rank_count)
    who = f"Rank {failed['rank']}" if spec.rank_count > 1 else "The script"
    if launchers(spec) > 1:
        who += f" on node {node}"
    code = failed["code"]
    if code < 0:
        hint = " Often the machine ran out of memory." if -code == signal.SIGKILL else ""
        return f"{who} was killed by {_signal_name(-code)}.{hint}", log
    lines = _last_lines(paths.root / log)
    known = no_space(paths) or blamed(lines, paths.work)
    if known:
        return (f"{who}: {known}" if spec.rank_count > 1 else known), log
    last = _last_line(lines)
    if not last:
        return f"{who} ended with exit code {code} and said nothing.", log
    return f"{who} ended with exit code {code}. Its last line: {last}", log


def _signal_name(number: int) -> str:
    try:
        return f"signal {number} ({signal.Signals(number).name})"
    except ValueError:  # the real-time ones have no names
        return f"signal {number}"


def no_space(paths: RunPaths) -> str | None:
    """Return the sentence for a full disk, where it is full."""
    disk = os.statvfs(paths.root)
    if disk.f_bavail * disk.f_frsize >= _FULL_BYTES:
        return None
    return f"No space is left on the disk that holds {paths.root}: free some, and submit it again."


def _last_words(log: Path, work: Path) -> str:
    """Return the exception that a traceback ends with, and else the last line that says something."""
    lines = _last_lines(log)
    return blamed(lines, work) or _last_line(lines)


def _last_lines(log: Path) -> list[str]:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            return [plain(line) for line in file.read().decode(errors="replace").splitlines()]
    except OSError:
        return []


def _last_line(lines: Sequence[str]) -> str:
    last = next((text for line in reversed(lines) if (text := line.strip()).strip("-=")), "")
    return last[:REASON_CHARACTERS]
