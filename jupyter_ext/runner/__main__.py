"""The runner as a program: its argument is a run directory, or ``--spare`` to wait on stdin for one, and its lock."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
from pathlib import Path

from jupyter_ext.engines import docker_engine, engine_address
from jupyter_ext.engines.container import connected
from jupyter_ext.engines.ray.cluster import get_ready
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.store.locks import Lock
from jupyter_ext.store.paths import RunPaths, home
from jupyter_ext.store.records import ComputeRecord, read_record
from jupyter_ext.store.runners import RUNNER_LOCK_FD

from .supervise import supervise

_PATH_BYTES = 4096


def main() -> None:
    """Take the run from the command line or, as a spare runner, from whoever keeps it."""
    argument, fd = sys.argv[1], RUNNER_LOCK_FD
    if argument == "--spare":
        _get_ready()
        with socket.socket(fileno=os.dup(0)) as keeper:
            told, fds, _, _ = socket.recv_fds(keeper, _PATH_BYTES, 1)
        if not fds:
            return
        argument, fd = os.fsdecode(told), fds[0]
    os.chdir("/")
    environment = dict(os.environ)
    paths = RunPaths(Path(argument))
    run: tuple[RunPaths, Lock] | None = (paths, Lock.inherited(paths.runner_lock, fd))
    while run:
        _log_to(run[0].runner_log)
        run = supervise(*run)
        os.environ.clear()
        os.environ.update(environment)


def _log_to(file: Path) -> None:
    log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def _get_ready() -> None:
    """Load and connect now what the first line of a run need not wait for then."""
    import psutil  # noqa: F401, PLC0415 - not before it is needed, in a runner that is no spare

    if docker_engine.engine_answers():
        with contextlib.suppress(AzureMLException):
            connected(engine_address.address())
    if select.select([sys.stdin], [], [], 0)[0]:  # a run is there already, and it may need no cluster
        return
    targets = [read_record(file, ComputeRecord) for file in home().glob("*/computes/*.json")]
    clusters = {target.modified: target.ray.address for target in targets if target and target.ray}
    if clusters:
        with contextlib.suppress(AzureMLException):
            get_ready(clusters[max(clusters)])


if __name__ == "__main__":
    main()
