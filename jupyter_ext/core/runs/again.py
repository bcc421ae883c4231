"""The same run once more: what was asked then, asked anew."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission.runconfig import RunConfiguration
from jupyter_ext.core.submission.submit import SCRIPT_RUN, check_nodes
from jupyter_ext.engines.docker_engine import engine_answers, not_answering
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EngineNotAnswering, UserErrorException
from jupyter_ext.store.beginning import begin
from jupyter_ext.store.records import RunSpec, read_record, user_name
from jupyter_ext.store.snapshots.manifest import read_manifest

from .ids import new_run_id
from .run import Run

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.workspace import Workspace


def submit_again(run: Run) -> Run:
    """Submit a run with the snapshot, the arguments, the environment, the target and the tags of another.

    Nothing is created before everything that can be checked has been. Secret variables, whose values are kept
    nowhere, are taken from this process's environment.

    Raises
    ------
    UserErrorException, SnapshotException, ComputeTargetException, EngineNotAnswering
        It cannot be; the message tells the remedy.
    """
    workspace = run.experiment.workspace
    spec = read_record(run.paths.run_json, RunSpec)
    if spec is None or spec.type != SCRIPT_RUN or spec.snapshot_id is None:
        raise UserErrorException(
            f"Run {run.id} was not submitted, so it cannot be submitted again: run the cell that made it."
        )
    hidden = _hidden(spec)
    password = _check(spec, workspace)
    run_id = new_run_id(spec.experiment)
    # what goes to a datastore under the run's id must not mix with what that run left there
    outputs = [
        msgspec.structs.replace(output, path=output.path.replace(spec.run_id, run_id)) for output in spec.outputs
    ]
    again = msgspec.structs.replace(
        spec,
        run_id=run_id,
        created=time.time(),
        parent=None,
        snapshot_seconds=0.0,
        submitted_by=user_name(),
        outputs=outputs,
    )
    begin(workspace._catalogue, again, hidden, password)
    return Run.get(workspace, run_id)


def _hidden(spec: RunSpec) -> dict[str, str]:
    missing = [name for name in spec.hidden_variables if name not in os.environ]
    if missing:
        names = ", ".join(missing)
        raise UserErrorException(
            f"The run had secret variables, whose values are not kept: {names}. "
            f"Set os.environ[{missing[0]!r}] in a cell, or submit it from the cell that it came from."
        )
    return {name: os.environ[name] for name in spec.hidden_variables}


def _check(spec: RunSpec, workspace: Workspace) -> str | None:
    """Refuse what cannot be had any more; return the password of the registry that the image comes from."""
    read_manifest(workspace._paths, spec.snapshot_id or "")
    check_nodes(RunConfiguration._from_dict(spec.run_definition), workspace)
    if spec.interpreter and not Path(spec.interpreter).exists():
        raise UserErrorException(f"The Python that the run had, {spec.interpreter}, is gone: submit it from a cell.")
    if spec.environment is None:
        return None
    environment = Environment._from_dict(spec.environment)
    if spec.container and environment._asks_for_image() and not engine_answers():
        reason: EngineNotAnswering = not_answering()
        raise EngineNotAnswering(f"The run needs a container. {reason.message}")
    return environment.docker.base_image_registry._found_password()
