"""The beginning of a run: it is written down whole, and its runner is started."""

from __future__ import annotations

import shutil
import time
import uuid
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.queueing.queue import Queue

from .handed import forget_handed, hand_over
from .records import ExperimentRecord, RunSpec, encode, read_record, write_once
from .runners import advance, renew_spare_runner, start_runner

if TYPE_CHECKING:
    from .catalogue import Catalogue
    from .paths import RunPaths, WorkspacePaths


def begin(
    catalogue: Catalogue,
    spec: RunSpec,
    hidden: dict[str, str],
    password: str | None,
    *,
    environment: dict[str, str] | None = None,
) -> RunPaths:
    """Write a run down whole, and start its runner.

    Parameters
    ----------
    catalogue
        That of the workspace.
    spec
        What is asked; its snapshot is stored.
    hidden
        Values of the variables that are secret.
    password
        Of the registry that the environment's base image comes from.
    environment
        The submitter's variables, where it is not this process that submits.

    Raises
    ------
    UserErrorException
        A value of the run has the wrong type.
    """
    _check(spec)
    paths = catalogue.paths.run(spec.run_id)
    find_or_make_experiment(catalogue.paths, spec.experiment)
    try:
        for made in (paths.root, paths.user_logs, paths.system_logs, paths.launch):
            made.mkdir(parents=True)
        append_event(str(paths.root), status="NotStarted")
        hand_over(paths, hidden, password, environment)
        catalogue.add_run(spec, paths, "NotStarted")
        if spec.sweep is None:  # a sweep needs no node: its children do
            Queue(catalogue).announce(spec.run_id, spec.target, spec.node_count, spec.gpus, spec.seconds_at_most)
    except Exception:
        forget_handed(paths)
        shutil.rmtree(paths.root, ignore_errors=True)  # half a run would look like one that never starts
        raise
    if not _waits(catalogue, spec, paths):
        start_runner(paths)
        renew_spare_runner()
    return paths


def _waits(catalogue: Catalogue, spec: RunSpec, paths: RunPaths) -> bool:
    """Put a run that has nothing to prepare behind those that wait already; tell whether it waits.

    Its runner starts when its turn comes: a thousand runs that wait are no processes.
    """
    queue = Queue(catalogue)
    if spec.sweep or spec.environment or spec.inputs or not queue.is_full(spec.target):
        return False
    append_event(str(paths.root), status="Queued")
    catalogue.set_status(spec.run_id, "Queued")
    queue.enter(spec.run_id, spec.target, spec.node_count, spec.gpus, spec.seconds_at_most)
    advance(queue, spec.target)  # the line may have moved meanwhile
    return True


def find_or_make_experiment(paths: WorkspacePaths, name: str) -> ExperimentRecord:
    """Return what is written down of an experiment; write it where it is not there."""
    file = paths.experiments / f"{name}.json"
    record = read_record(file, ExperimentRecord)
    if record is None:
        write_once(file, encode(ExperimentRecord(name=name, id=str(uuid.uuid4()), created=time.time())))
        record = read_record(file, ExperimentRecord)
    assert record is not None  # noqa: S101 - it was written just now, by us or by another
    return record


def _check(spec: RunSpec) -> None:
    """Make sure that what ``run.json`` will be can be read."""
    try:
        msgspec.json.decode(msgspec.json.encode(spec), type=RunSpec)
    except (msgspec.ValidationError, TypeError) as error:
        raise UserErrorException(f"A value of the run configuration has the wrong type: {error}.") from error
