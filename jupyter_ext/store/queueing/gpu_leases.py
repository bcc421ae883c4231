"""Which run has which GPU of this machine: one file for all workspaces of this user.

A lease begins when the queue gives the run its nodes, and lasts until the run has ended: its runner may be killed and
its ranks go on, so it is the run that holds a lease and no process. A run of which no process is left is given
a runner by whoever waits for its GPUs, and that brings it to its end.

Lines of several workspaces and targets wait for the same GPUs. The head of each is written down here while GPUs are all
it waits for, and what an earlier one waits for is not given to a later one.
"""

from __future__ import annotations

import os
import platform
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.store.locks import is_locked, locked
from jupyter_ext.store.paths import RunPaths, home
from jupyter_ext.store.records import TERMINAL, ComputeRecord, read_record, replace

from .nvml import answers, visible_gpus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.store.paths import WorkspacePaths


class Lease(msgspec.Struct):
    """GPUs of a run, by their ids; node after node."""

    run_dir: str
    gpus: list[str]
    since: float


class Waiting(msgspec.Struct):
    """A line whose head waits for GPUs alone."""

    run_dir: str
    compute: str
    gpus: int
    since: float

    @property
    def line(self) -> tuple[str, str]:
        """The line: its workspace's folder, and its target."""
        return str(Path(self.run_dir).parent.parent), self.compute


class Book(msgspec.Struct):
    """What the file holds."""

    leases: list[Lease] = []
    waiting: list[Waiting] = []

    def free(self) -> list[str]:
        """Return the ids of the GPUs that may be used and that no run has."""
        taken = {gpu for lease in self.leases for gpu in lease.gpus}
        return [gpu.uuid for gpu in visible_gpus() if gpu.uuid not in taken and answers(gpu)]

    def free_for(self, paths: RunPaths, compute: str) -> int:
        """Return how many GPUs a line may take: those that are free, less what lines wait for that came before it."""
        line = Waiting(str(paths.root), compute, 0, 0.0).line
        own = next((one.since for one in self.waiting if one.line == line), time.time())
        earlier = sum(one.gpus for one in self.waiting if one.line != line and one.since < own)
        return max(0, len(self.free()) - earlier)

    def take(self, paths: RunPaths, count: int) -> None:
        """Give a run free GPUs, of which there are enough."""
        self.leases.append(Lease(str(paths.root), self.free()[:count], time.time()))

    def of(self, paths: RunPaths) -> list[str]:
        """Return the ids of a run's GPUs."""
        return next((lease.gpus for lease in self.leases if lease.run_dir == str(paths.root)), [])

    def wait(self, paths: RunPaths, compute: str, gpus: int) -> None:
        """Write down that the head of a line waits for GPUs; a line keeps its place among the lines."""
        new = Waiting(str(paths.root), compute, gpus, time.time())
        known = next((one for one in self.waiting if one.line == new.line), None)
        if known is None:
            self.waiting.append(new)
        elif known.run_dir != new.run_dir:
            self.waiting.remove(known)
            self.waiting.append(new)

    def release(self, paths: RunPaths) -> None:
        """Take what a run has or waits for back."""
        own = str(paths.root)
        self.leases = [lease for lease in self.leases if lease.run_dir != own]
        self.waiting = [one for one in self.waiting if one.run_dir != own]


def needed_here(workspace: WorkspacePaths, target: str, gpus: int) -> int:
    """Return how many GPUs of this machine a run needs: on a cluster they are its nodes' own."""
    return gpus if is_here(workspace, target) else 0


def is_here(workspace: WorkspacePaths, target: str) -> bool:
    """Tell whether a target's nodes are this machine."""
    record = read_record(workspace.compute(target), ComputeRecord)
    return record is None or record.is_here


@contextmanager
def gpu_book() -> Iterator[Book]:
    """Hold the file for the block, without the runs that have ended; what was changed is written."""
    file = _file()
    with locked(file.with_suffix(".lock")):
        before = _read(file)
        book = msgspec.convert(msgspec.to_builtins(before), Book)
        book.leases = [one for one in book.leases if not _has_ended(one.run_dir)]
        book.waiting = [one for one in book.waiting if not _has_ended(one.run_dir)]
        yield book
        if book != before:
            replace(file, msgspec.json.encode(book))


def leased(paths: RunPaths) -> list[str]:
    """Return the ids of a run's GPUs."""
    return _read(_file()).of(paths)


def holders() -> dict[str, str]:
    """Return for each GPU that is leased the id of its run."""
    return {gpu: Path(lease.run_dir).name for lease in _read(_file()).leases for gpu in lease.gpus}


def waits_for(paths: RunPaths) -> tuple[int, list[str]]:
    """Return how many GPUs a run waits for, and which runs have some; 0 where they are not what it waits for."""
    book = _read(_file())
    gpus = next((one.gpus for one in book.waiting if one.run_dir == str(paths.root)), 0)
    return gpus, [Path(lease.run_dir).name for lease in book.leases] if gpus else []


def waiting_lines() -> list[tuple[str, str]]:
    """Return the lines whose heads wait for GPUs, the earliest first: workspace's folder and target."""
    return [one.line for one in sorted(_read(_file()).waiting, key=lambda one: one.since)]


def unattended() -> list[RunPaths]:
    """Return the runs that have GPUs, have not ended, and have no runner."""
    leases = _read(_file()).leases
    found = [RunPaths(Path(lease.run_dir)) for lease in leases if not _has_ended(lease.run_dir)]
    return [paths for paths in found if not is_locked(paths.runner_lock)]


def _read(file: Path) -> Book:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Book)
    except (FileNotFoundError, msgspec.DecodeError):
        return Book()


def _has_ended(run_dir: str) -> bool:
    return not os.path.isdir(run_dir) or read_state(run_dir)["status"] in TERMINAL  # noqa: PTH112 - it is a str


def _file() -> Path:
    """Return where the leases are: wherever AML_HOME points, a user's GPUs are the same."""
    folder = Path.home() if os.access(Path.home(), os.W_OK) else home()
    return folder / ".jupyter-aml" / f"gpus-{platform.node()}.json"
