"""Start runners as detached processes, and find runs whose runner is gone.

Starting an interpreter and its imports takes longer than all the rest of a submission, so a process that submits may
keep one spare runner that waits, ready, for a run. It ends with the process that keeps it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event, read_state
from jupyter_ext.store.queueing.gpu_leases import unattended, waiting_lines
from jupyter_ext.store.queueing.queue import Queue

from .catalogue import Catalogue
from .locks import is_locked
from .own_program import own_environment, own_program
from .paths import WorkspacePaths
from .records import TERMINAL, RunSpec, read_record

if TYPE_CHECKING:
    from .paths import RunPaths

# A run this young may have a runner that has not taken its lock yet.
_STARTING_SECONDS = 5.0
_RENEW_SECONDS = 1.0
_GIVE_UP_SECONDS = 120.0


class _Spare:
    """The spare runner of this process: a pipe to it, or nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._pipe: int | None = None

    def keep(self) -> None:
        """Start a spare runner unless there is one."""
        with self._lock:
            if self._pipe is not None and self._pid == os.getpid():
                return
            reader, self._pipe = os.pipe()
            self._pid = os.getpid()
            _spawn(["--spare"], reader, None)
            os.close(reader)

    def renew(self) -> None:
        """Start the next one in a moment, when the run that took the last one has started; only where one was kept."""
        if self._pid == os.getpid() and self._pipe is None:
            timer = threading.Timer(_RENEW_SECONDS, self.keep)
            timer.daemon = True
            timer.start()

    def give(self, paths: RunPaths) -> bool:
        """Hand a run to the spare runner; return whether there was one that took it."""
        with self._lock:
            pipe, self._pipe = self._pipe, None
            if pipe is None or self._pid != os.getpid():
                return False
            try:
                os.write(pipe, os.fsencode(paths.root) + b"\n")
            except BrokenPipeError:
                return False
            finally:
                os.close(pipe)
            return True


_spare = _Spare()
keep_spare_runner = _spare.keep
renew_spare_runner = _spare.renew


def start_runner(paths: RunPaths) -> None:
    """Start a runner for a run; where one is at work already, the new one leaves at once."""
    if not _spare.give(paths):
        with paths.runner_log.open("ab") as log:
            _spawn([str(paths.root)], None, log.fileno())


def tend(paths: RunPaths, catalogue: Catalogue) -> None:
    """See to it that a run which has not ended goes on: adopt it, or move its queue forward.

    Every reader of a run calls this now and then, so no run stays behind when its runner was killed.
    """
    with contextlib.suppress(sqlite3.OperationalError):  # a full or busy disk: the next reader tries again
        _tend(paths, catalogue)


def _tend(paths: RunPaths, catalogue: Catalogue) -> None:
    status = read_state(str(paths.root))["status"]
    if status in TERMINAL:
        _set_straight(paths, catalogue, status)
        return
    if is_locked(paths.runner_lock):
        return
    if not paths.launch.is_dir():
        _end_abandoned(paths, catalogue)
        return
    spec = read_record(paths.run_json, RunSpec)
    if spec is None or time.time() - spec.created < _STARTING_SECONDS:
        return
    if status == "NotStarted" and time.time() - spec.created > _GIVE_UP_SECONDS:
        reason = f"No runner could be started for it: its log, {paths.runner_log}, may tell why."
        append_event(str(paths.root), status="Failed", reason=reason, log="system_logs/runner.log")
        return
    queue, target = Queue(catalogue), spec.target
    if status == "Queued" and any(run_id == spec.run_id for run_id, _ in queue.line(target)):
        advance(queue, target)
    else:
        start_runner(paths)


def _set_straight(paths: RunPaths, catalogue: Catalogue, status: str) -> None:
    """Tell the catalogue how a run ended, where whoever ended it could not."""
    row = catalogue.find_run(paths.run_id)
    if row is not None and row["status"] != status:
        catalogue.set_status(paths.run_id, status)


def _end_abandoned(paths: RunPaths, catalogue: Catalogue) -> None:
    """End a run that has no runner, as a notebook or a script made it itself, and that nobody can complete any more."""
    if paths.runner_lock.exists():
        status, reason = "Failed", "The process that logged to it ended without completing it."
    else:
        parent = read_state(str(paths.root.parent.parent))
        if paths.root.parent.name != "children" or parent["status"] not in TERMINAL:
            return
        status, reason = parent["status"], f"Its parent run ended {parent['status']}."
    append_event(str(paths.root), status=status, reason=reason)
    catalogue.set_status(paths.run_id, status)


def advance(queue: Queue, compute: str) -> None:
    """Give free node slots of ``compute`` to the runs whose turn it is, and start their runners.

    Other lines that wait for GPUs of this machine are moved too; and what holds GPUs with no runner gets one.
    """
    _advance(queue, compute)
    lines = waiting_lines()
    for root, other in lines:
        if (Path(root), other) != (queue.workspace.root, compute) and Path(root).is_dir():
            _advance(Queue(Catalogue(WorkspacePaths(Path(root)))), other)
    for paths in unattended() if lines else ():
        start_runner(paths)


def _advance(queue: Queue, compute: str) -> None:
    for paths in queue.advance(compute):
        if not is_locked(paths.runner_lock):
            start_runner(paths)


def request_cancel(paths: RunPaths) -> None:
    """Ask for the end of a run; a runner that is gone is replaced by one that carries it out."""
    if read_state(str(paths.root))["status"] in TERMINAL:
        return
    if not paths.launch.is_dir():  # a notebook or a script made it itself
        append_event(str(paths.root), status="Canceled")
        return
    append_event(str(paths.root), status="CancelRequested")
    if not is_locked(paths.runner_lock):
        start_runner(paths)


def _spawn(arguments: list[str], stdin: int | None, log: int | None) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    said = null if log is None else log
    files = [(os.POSIX_SPAWN_DUP2, fd, at) for at, fd in enumerate((null if stdin is None else stdin, said, said))]
    try:
        pid = os.posix_spawn(
            sys.executable,
            own_program("runner", *arguments),
            own_environment(),
            file_actions=files,
            setsid=True,
        )
    finally:
        os.close(null)
    # the kernel of the system keeps an ended child until somebody has asked how it ended
    threading.Thread(target=os.waitpid, args=(pid, 0), daemon=True, name="aml-reap").start()
