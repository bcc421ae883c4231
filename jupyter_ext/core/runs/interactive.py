"""Runs of a notebook itself: no script is submitted, the notebook logs to them."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.locks import Lock
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.records import RunSpec
from jupyter_ext.store.snapshots import snapshot

from .ids import checked_run_id
from .run import Run

if TYPE_CHECKING:
    from typing import Any

    from jupyter_ext.core.workspaces.experiment import Experiment

    from .base import RunBase

_CLOCK_SECONDS = 0.1  # the clock that dates files lags behind


def start(
    experiment: Experiment, name: str | None, run_id: str | None, outputs: Any, snapshot_directory: str | None
) -> Run:
    """Start a run; see :meth:`Run.start_interactive`."""
    snapshot_id = None
    if snapshot_directory is not None:
        workspace = experiment.workspace
        snapshot_id = snapshot.take(Path(snapshot_directory), workspace._paths, workspace._catalogue).id
    run = begin(experiment, name, run_id, snapshot_id=snapshot_id)
    if outputs is not False:
        track_outputs(run)
    return run


def track_outputs(run: Run) -> None:
    """Make ``./outputs``, and have what is written there from now on kept with the run when it ends."""
    Path("outputs").mkdir(exist_ok=True)
    run._outputs_since = time.time() - _CLOCK_SECONDS


def begin(
    experiment: Experiment,
    name: str | None,
    run_id: str | None,
    parent: RunBase | None = None,
    snapshot_id: str | None = None,
) -> Run:
    """Start a run of the notebook itself: locked for as long as this process lives."""
    workspace = experiment.workspace
    run_id = str(uuid.uuid4()) if run_id is None else checked_run_id(run_id)
    paths = RunPaths(parent.paths.children / run_id) if parent else workspace._paths.run(run_id)
    if paths.root.exists():
        raise UserErrorException(f"There is a run {run_id} already: choose another run_id.")
    spec = RunSpec(
        run_id=run_id,
        experiment=experiment.name,
        workspace=workspace.name,
        type="",
        created=time.time(),
        subscription_id=workspace.subscription_id,
        resource_group=workspace.resource_group,
        parent=parent.id if parent else None,
        display_name=name,
        snapshot_id=snapshot_id,
        properties={"ContentSnapshotId": snapshot_id} if snapshot_id else {},
    )
    for folder in (paths.root, paths.outputs, paths.logs):
        folder.mkdir(parents=True)
    lock = Lock(paths.runner_lock)
    lock.acquire()
    append_event(str(paths.root), status="Running")
    workspace._catalogue.add_run(spec, paths, "Running")
    run = Run(experiment, run_id, _paths=paths)
    run._lock = lock
    return run


def keep_outputs(run: RunBase, since: float) -> None:
    """Keep with the run what was written to ``./outputs`` since it began."""
    folder = Path("outputs")
    for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
        name = file.as_posix()
        if file.is_file() and file.stat().st_mtime >= since and not (run.paths.root / name).exists():
            run.upload_file(name, str(file))
