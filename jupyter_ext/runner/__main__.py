"""``python -m jupyter_ext.runner RUN_DIR``, or ``--spare`` to wait for a run directory on stdin."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from jupyter_ext.store.paths import RunPaths

from .supervise import supervise


def main() -> None:
    """Take the run from the command line or, as a spare runner, from whoever keeps it."""
    argument = sys.argv[1]
    if argument == "--spare":
        # a client library loaded now is one that the first line of a run need not wait for
        import docker  # noqa: F401, PLC0415
        import psutil  # noqa: F401, PLC0415

        argument = sys.stdin.readline().rstrip("\n")
        if not argument:
            return
    paths = RunPaths(Path(argument))
    os.chdir("/")
    log = os.open(paths.runner_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    supervise(paths)


main()
