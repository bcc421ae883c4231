"""A run whose node has died is placed again: what it has written stays, and it goes on from its checkpoints."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state

from .report import BALLAST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec

    from .gang import Outcome

ENGINE_SECONDS = 60.0
"""How long a container engine that does not answer may take to come back."""

_LOOK_SECONDS = 0.2
_TERMINATED = "terminated"
_LEAST_SECONDS = 1.0


def node_died(outcome: Outcome) -> bool:
    """Tell whether it was a node that ended the run, by its launcher's end, not the script."""
    if outcome.succeeded:
        return False
    return outcome.end is None or outcome.end.get("reason") == _TERMINATED


def set_aside(paths: RunPaths) -> None:
    """Keep what the launchers were told, and told, so that others can start; a line in each log parts the two."""
    count = paths.restarts + 1
    for log in _logs(paths):
        with log.open("rb+") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            broken = size and file.read(1) != b"\n"
        with log.open("ab") as file:
            file.write(b"\n" * bool(broken) + f"--- a node was lost: started again ({count}) ---\n".encode())
    earlier = paths.earlier_launch(count)
    paths.launch.rename(earlier)  # at once: whoever comes after a runner that is killed here knows how often it was
    paths.launch.mkdir()
    if (earlier / BALLAST).exists():
        (earlier / BALLAST).rename(paths.launch / BALLAST)


def _logs(paths: RunPaths) -> Iterator[Path]:
    return (log for log in paths.user_logs.glob("*.txt") if log.is_file() and not log.is_symlink())


def wait_for_engine(spec: RunSpec, look: Callable[[], None], note: Callable[[str], None]) -> None:
    """Give this machine's container engine, where it went down with the node, a minute to come back.

    Raises
    ------
    EngineNotAnswering
        It did not.
    """
    if not spec.container or spec.ray or docker_engine.engine_answers():
        return
    note(f"waiting up to {ENGINE_SECONDS:.0f} s for the container engine to come back")
    limit = time.monotonic() + ENGINE_SECONDS
    while not docker_engine.engine_answers():
        look()
        if time.monotonic() > limit:
            raise docker_engine.not_answering()
        time.sleep(_LOOK_SECONDS)


def seconds_left(paths: RunPaths, spec: RunSpec) -> float | None:
    """Return how long the ranks may run: what was lost with a node counts."""
    limit = spec.max_run_duration_seconds
    started = read_state(str(paths.root))["started"]
    if limit is None or not paths.restarts or started is None:
        return limit
    return max(_LEAST_SECONDS, limit - (time.time() - float(started)))
