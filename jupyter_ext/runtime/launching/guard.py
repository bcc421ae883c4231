"""What is done to process groups, and the guard that does it when the launcher cannot."""

import os
import sys
import time

from . import signals

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import NoReturn


class Guard:
    """A process that kills the ranks' process groups when the launcher dies without having done so.

    It inherits the lock, so that whoever gets the lock knows that the ranks are gone too.
    """

    def __init__(self) -> None:
        reader, self._writer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._writer)
            _guard(reader)
        os.close(reader)

    def add(self, group: int) -> None:
        """Tell it about a process group that has started."""
        self._send("+{}\n".format(group))

    def remove(self, group: int) -> None:
        """Tell it that nothing is left of a process group."""
        self._send("-{}\n".format(group))

    def dismiss(self) -> None:
        """Let it go: every group has ended."""
        os.close(self._writer)
        try:  # noqa: SIM105 - contextlib costs 3 ms
            os.waitpid(self._pid, 0)
        except ChildProcessError:
            pass

    def _send(self, line: str) -> None:
        try:  # noqa: SIM105 - contextlib costs 3 ms
            os.write(self._writer, line.encode())
        except OSError:
            pass  # somebody has killed it; the kernel's own signal is still there


def _guard(reader: int) -> "NoReturn":
    try:
        os.setsid()
        signals.set_wakeup_fd(-1)
        for number in (signals.SIGTERM, signals.SIGINT, signals.SIGHUP):
            signals.signal(number, signals.SIG_IGN)
        told = b""
        while True:
            piece = os.read(reader, 4096)
            if not piece:
                break
            told += piece
        groups = set()
        for line in told.split():
            group = int(line[1:])
            groups.add(group) if line[:1] == b"+" else groups.discard(group)
        kill_groups(groups, 5.0)
    finally:
        os._exit(0)


def signal_group(group: int, number: int) -> bool:
    """Signal a process group; False when nothing is left of it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says this of a group of zombies
        return number == 0 and sys.platform != "darwin"
    return True


def kill_groups(groups: "set[int]", seconds: float) -> None:
    """Kill process groups, and wait at most `seconds` until nothing is left of them."""
    limit = time.monotonic() + seconds
    left = {group for group in groups if signal_group(group, signals.SIGKILL)}
    while left and time.monotonic() < limit:
        time.sleep(0.01)
        reap()
        left = {group for group in left if signal_group(group, 0)}


def reap() -> "dict[int, int]":
    """Collect the children that have ended: their status by process id."""
    ended: "dict[int, int]" = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = status
