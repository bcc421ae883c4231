"""The ranks of one node, from their start to their end."""

import errno
import fcntl
import os
import select
import sys
import time

from . import signals
from .beat import PERIOD_SECONDS, Beat
from .events import Events, decode
from .guard import Guard, kill_groups, reap, signal_group
from .rank import CANNOT_START, CannotStart, Rank

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

    from .serving import Serving

LOCKED = 3
TIMED_OUT = 124
TERMINATED = 128 + signals.SIGTERM
WITH_THE_OTHERS = "ended with the other nodes"
UNATTENDED = "nobody on its machine looks after it any more"
MPI_DAEMON = -1
"""What stands for a rank's number where Open MPI's daemon has ended."""

_OTHERS_SECONDS = 4.0  # how long the other ranks have to end after one has failed
_LOCK_TRIES = 10
_LEFTOVER_SECONDS = 1.0  # how long what a rank left behind (multiprocessing's tracker, say) has to clean up
_PR_SET_CHILD_SUBREAPER = 36


def exit_code(status: int) -> int:
    """Give the code of an ended process: -n where signal n ended it."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def find_prctl() -> "Any":
    """Give Linux's prctl, by which the kernel kills a rank whose launcher has died, or None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes  # noqa: PLC0415 - some Pythons are built without it

        return ctypes.CDLL(None).prctl
    except Exception:  # noqa: BLE001 - the guard does the same work
        return None


class Launcher:
    """The ranks of one node, from their start to their end.

    Parameters
    ----------
    run_dir
        The run directory.
    spec
        What to start.
    events
        Where what happens is written.
    guard
        What kills the ranks if this process cannot.
    """

    def __init__(self, run_dir: str, spec: "dict[str, Any]", events: Events, guard: Guard) -> None:
        self._run_dir = run_dir
        self._spec = spec
        self._events = events
        self._guard = guard
        self._grace = float(spec.get("grace_seconds", 10))
        self._alive: "dict[int, int]" = {}  # process id -> rank
        self._leftovers: "set[int]" = set()  # process groups whose leader has ended
        self._code = 0
        self._reason: "str | None" = None
        self._asked_to_end = False
        self._others_ended = False
        self._stopping = False
        self._kill_at: "float | None" = None
        self._signals, self._wakeup = os.pipe()
        self._serving: "Serving | None" = None
        self._awaited = False  # whether a command of another node's mpirun is still to come
        beat = spec.get("beat")
        self._beat = Beat(os.path.join(run_dir, beat["file"]), beat["seconds"]) if beat else None

    def run(self) -> "tuple[int, str | None]":
        """Start the ranks, wait for all of them, and return the code and the reason of the end."""
        self._listen()
        try:
            self._start()
        except CannotStart as error:
            self._stop(CANNOT_START, "cannot start: {}".format(error), _OTHERS_SECONDS)
        self._wait()
        self._clear()
        self._guard.dismiss()
        return self._code, self._reason

    def _listen(self) -> None:
        """Have every signal wake the select() in which the launcher waits."""
        os.set_blocking(self._signals, False)
        os.set_blocking(self._wakeup, False)
        signals.set_wakeup_fd(self._wakeup)
        for number in (signals.SIGTERM, signals.SIGINT):
            signals.signal(number, self._ask_to_end)
        signals.signal(signals.SIGUSR1, self._end_with_the_others)
        signals.signal(signals.SIGCHLD, lambda *_: None)
        signals.signal(signals.SIGHUP, signals.SIG_IGN)

    def _ask_to_end(self, *_: "Any") -> None:
        self._asked_to_end = True  # a signal may come in the middle of anything

    def _end_with_the_others(self, *_: "Any") -> None:
        self._others_ended = True

    def _start(self) -> None:
        prctl = find_prctl()
        if prctl is not None:  # what a rank leaves behind is reaped here, not by a first process that may not
            prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        if self._spec.get("serve"):
            from .serving import Serving  # noqa: PLC0415 - few launchers need it

            self._serving = Serving(self._spec["serve"]["port"], self._spec["serve"]["token"])
            self._awaited = not self._spec["ranks"]
            self._events.write("serving", port=self._spec["serve"]["port"])
        for entry in self._spec["ranks"]:
            if self._asked_to_end or self._others_ended:
                return
            self._start_rank(self._spec, entry, prctl)

    def _start_rank(self, spec: "dict[str, Any]", entry: "dict[str, Any]", prctl: "Any") -> None:
        rank = Rank(self._run_dir, spec, entry)
        pid = rank.start(prctl)
        self._alive[pid] = rank.number
        self._guard.add(pid)
        self._events.write("rank", rank=rank.number, pid=pid)

    def _serve(self, serving: "Serving", ready: "list[Any]") -> None:
        """Start what another node's mpirun asks for, and end it when that is gone."""
        for command in serving.commands(ready):
            self._awaited = False
            if self._stopping:
                serving.answer(TERMINATED)
                continue
            entry = {"rank": MPI_DAEMON, "env": self._spec["serve"]["env"], "log": self._spec["serve"]["log"]}
            try:
                self._start_rank(dict(self._spec, argv=None, shell=command), entry, find_prctl())
            except CannotStart as error:
                serving.answer(CANNOT_START)
                self._stop(CANNOT_START, "cannot start: {}".format(error), _OTHERS_SECONDS)
        if serving.left:
            self._stop(TERMINATED, WITH_THE_OTHERS, _OTHERS_SECONDS)

    def _wait(self) -> None:
        seconds = self._spec.get("max_seconds")
        deadline = time.monotonic() + seconds if seconds else None
        while True:
            self._collect()
            now = time.monotonic()
            if self._asked_to_end:
                self._stop(TERMINATED, "terminated", self._grace)
            elif self._others_ended:
                self._stop(TERMINATED, WITH_THE_OTHERS, _OTHERS_SECONDS)
            elif deadline is not None and now >= deadline:
                self._stop(TIMED_OUT, "timeout", self._grace)
            elif self._beat is not None and self._beat.is_lost():
                self._stop(TERMINATED, UNATTENDED, self._grace)
            if self._kill_at is not None and now >= self._kill_at:
                self._signal_all(signals.SIGKILL)
                self._kill_at = None
            if not self._alive and (self._stopping or not self._awaited):
                return
            self._sleep(self._kill_at if self._stopping else deadline)

    def _sleep(self, until: "float | None") -> None:
        seconds = None if until is None else max(0.0, until - time.monotonic())
        if self._beat is not None:
            seconds = PERIOD_SECONDS if seconds is None else min(seconds, PERIOD_SECONDS)
        serving = self._serving
        ready = select.select([self._signals] + ([] if serving is None else serving.files()), [], [], seconds)[0]
        if self._signals in ready:
            os.read(self._signals, 4096)
        if serving is not None:
            self._serve(serving, [one for one in ready if one is not self._signals])

    def _collect(self) -> None:
        """Write down the ranks that have ended; the first that fails ends the others."""
        for pid, status in reap().items():
            if pid not in self._alive:
                continue  # an orphan
            rank = self._alive.pop(pid)
            if signal_group(pid, 0):
                self._leftovers.add(pid)
            else:
                self._guard.remove(pid)
            code = exit_code(status)
            self._events.write("exit", rank=rank, code=code)
            if rank == MPI_DAEMON and self._serving is not None:
                self._serving.answer(code)
            if code > 0:
                self._stop(code, "rank {} ended with code {}".format(rank, code), _OTHERS_SECONDS)
            elif code < 0:
                self._stop(128 - code, "rank {} ended by signal {}".format(rank, -code), _OTHERS_SECONDS)

    def _stop(self, code: int, reason: str, grace: float) -> None:
        """End all ranks; the first cause is the one that is told."""
        if self._stopping:
            return
        self._stopping = True
        self._code, self._reason = code, reason
        self._kill_at = time.monotonic() + grace
        self._signal_all(signals.SIGTERM)

    def _signal_all(self, number: int) -> None:
        for group in set(self._alive) | self._leftovers:
            signal_group(group, number)

    def _clear(self) -> None:
        """End what the ranks have left behind, after a moment in which it may clean up."""
        left = {group for group in self._leftovers if signal_group(group, signals.SIGTERM)}
        limit = time.monotonic() + _LEFTOVER_SECONDS
        while left and time.monotonic() < limit:
            time.sleep(0.01)
            reap()
            left = {group for group in left if signal_group(group, 0)}
        kill_groups(left, 5.0)


def _lock(path: str) -> bool:
    """Take the node's lock, which is kept open until the end; False when another launcher has it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    for _ in range(_LOCK_TRIES):
        if _try_lock(file):
            return True
        time.sleep(0.003)  # whoever just looks whether it is held, holds it for a moment
    return False


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _run(run_dir: str, node: str, events: Events) -> "tuple[int, str | None]":
    try:
        with open(os.path.join(run_dir, "launch", node + ".json"), encoding="utf-8") as file:
            spec = decode(file.read())
        return Launcher(run_dir, spec, events, Guard()).run()
    except Exception as error:  # noqa: BLE001 - whatever it is, the end has to be told; the guard ends the ranks
        return CANNOT_START, "cannot start: launch/{}.json: {!r}".format(node, error)


def main(arguments: "list[str]") -> int:
    """Run one node; the exit status is told in the docstring of launcher.py."""
    if len(arguments) != 2:  # noqa: PLR2004 - RUN_DIR NODE
        sys.stderr.write("usage: launcher.py RUN_DIR NODE\n")
        return 2
    run_dir, node = os.path.abspath(arguments[0]), arguments[1]
    folder = os.path.join(run_dir, "launch")
    try:
        if not _lock(os.path.join(folder, node + ".lock")):
            return LOCKED
    except OSError as error:
        sys.stderr.write("{}: {}\n".format(folder, error.strerror))
        return CANNOT_START
    events = Events(os.path.join(folder, node + ".jsonl"))
    events.write("launcher", pid=os.getpid(), python=sys.version.split()[0])
    code, reason = _run(run_dir, node, events)
    events.write("end", code=code, reason=reason)
    events.close()
    return code
