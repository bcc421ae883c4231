"""Start runners as detached processes, and find runs whose runner is gone.

Whoever starts a runner takes the run's lock for it, and the runner inherits it: a run never has two.

Starting an interpreter and its imports takes longer than all the rest of a submission, so a process that submits may
keep one spare runner that waits, ready, for a run. It ends with the process that keeps it.
"""

from __future__ import annotations

import contextlib
import os
import socket
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
from .locks import Lock, is_locked
from .own_program import own_environment, own_program
from .paths import WorkspacePaths
from .records import TERMINAL, RunSpec, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .paths import RunPaths

RUNNER_LOCK_FD = 3
"""Where a runner finds the lock of its run."""

_STARTING_SECONDS = 5.0  # whoever has submitted a run this young is about to start its runner
_RENEW_SECONDS = 1.0
_GIVE_UP_SECONDS = 120.0


class _Spare:
    """The spare runner of this process: a socket to it, or nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._socket: socket.socket | None = None

    def keep(self) -> None:
        """Start a spare runner unless there is one."""
        with self._lock:
            if self._socket is not None and self._pid == os.getpid():
                return
            self._socket, other = socket.socketpair()
            self._pid = os.getpid()
            with other:
                _spawn(["--spare"], {0: other.fileno()})

    def renew(self) -> None:
        """Start the next one in a moment, when the run that took the last one has started; only where one was kept."""
        if self._pid == os.getpid() and self._socket is None:
            timer = threading.Timer(_RENEW_SECONDS, self.keep)
            timer.daemon = True
            timer.start()

    def give(self, paths: RunPaths, lock: Lock) -> bool:
        """Hand a run and its lock to the spare runner; return whether there was one that took them."""
        with self._lock:
            spare, self._socket = self._socket, None
            if spare is None or self._pid != os.getpid():
                return False
            with spare:
                try:
                    socket.send_fds(spare, [os.fsencode(paths.root)], [lock.fileno()])
                except BrokenPipeError:
                    return False
            return True


_spare = _Spare()
keep_spare_runner = _spare.keep
renew_spare_runner = _spare.renew


def start_runner(paths: RunPaths) -> None:
    """Start a runner for a run, unless one is at work."""
    lock = _taken(paths)
    if lock is None:
        return
    try:
        if not _spare.give(paths, lock):
            with paths.runner_log.open("ab") as log:
                _spawn([str(paths.root)], {1: log.fileno(), 2: log.fileno(), RUNNER_LOCK_FD: lock.fileno()})
    finally:
        lock.release()


def _taken(paths: RunPaths) -> Lock | None:
    lock = Lock(paths.runner_lock)
    return None if is_locked(paths.runner_lock) or not lock.acquire() else lock


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
    for paths in _due(queue, compute):
        start_runner(paths)


def advance_and_take(queue: Queue, compute: str) -> tuple[RunPaths, Lock] | None:
    """Do as :func:`advance`, but take one of the runs and its lock for this process, which is a runner that is free."""
    own = None
    for paths in _due(queue, compute):
        if own is None and (lock := _taken(paths)):
            own = paths, lock
        else:
            start_runner(paths)
    return own


def _due(queue: Queue, compute: str) -> Iterator[RunPaths]:
    """Move the lines; yield the runs that are to have a runner."""
    yield from queue.advance(compute)
    lines = waiting_lines()
    for root, other in lines:
        if (Path(root), other) != (queue.workspace.root, compute) and Path(root).is_dir():
            yield from Queue(Catalogue(WorkspacePaths(Path(root)))).advance(other)
    yield from unattended() if lines else ()


def request_cancel(paths: RunPaths) -> None:
    """Ask for the end of a run; a runner that is gone is replaced by one that carries it out."""
    if read_state(str(paths.root))["status"] in TERMINAL:
        return
    if not paths.launch.is_dir():  # a notebook or a script made it itself
        append_event(str(paths.root), status="Canceled")
        return
    append_event(str(paths.root), status="CancelRequested")
    start_runner(paths)


def _spawn(arguments: list[str], files: dict[int, int]) -> None:
    """Start a runner; ``files`` are those it inherits: its number of each, and ours."""
    null = os.open(os.devnull, os.O_RDWR)
    given = {0: null, 1: null, 2: null} | files
    try:
        pid = os.posix_spawn(
            sys.executable,
            own_program("runner", *arguments),
            own_environment(),
            file_actions=[(os.POSIX_SPAWN_DUP2, ours, its) for its, ours in given.items()],
            setsid=True,
        )
    finally:
        os.close(null)
    # the kernel of the system keeps an ended child until somebody has asked how it ended
    threading.Thread(target=os.waitpid, args=(pid, 0), daemon=True, name="aml-reap").start()
