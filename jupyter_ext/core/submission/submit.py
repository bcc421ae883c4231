"""From a ScriptRunConfig to a run that a runner has in hand."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.data.submission import RunData
from jupyter_ext.core.environments.containers import needs_container
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.environments.own_python import own_python
from jupyter_ext.core.notices import ignored, notice
from jupyter_ext.core.runs.git_state import git_properties
from jupyter_ext.core.runs.ids import checked_run_id, new_run_id
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    ComputeTargetException,
    ExperimentExecutionException,
    UserErrorException,
)
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.beginning import begin
from jupyter_ext.store.queueing.queue import LOCAL, Queue
from jupyter_ext.store.records import RunSpec, user_name
from jupyter_ext.store.snapshots import snapshot

from .gpus import gpus_per_node
from .hidden import is_secret_name, masked_run, usable, without_secret_arguments
from .launch import check_launch, checked_count, launch_of, least_nodes
from .on_cluster import check_on_cluster, cluster_of
from .runconfig import command_text

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.experiment import Experiment
    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.store.paths import RunPaths

    from .runconfig import RunConfiguration
    from .script_run_config import ScriptRunConfig

SCRIPT_RUN = "azureml.scriptrun"


def submit(
    experiment: Experiment,
    config: ScriptRunConfig,
    tags: dict[str, str] | None = None,
    run_id: str | None = None,
    parent: str | None = None,
) -> RunPaths:
    """Check what is asked, take the snapshot, write the run down, and start its runner.

    Nothing is created before everything that can be checked has been.

    Returns
    -------
    RunPaths
        Where the run lies.

    Raises
    ------
    UserErrorException, ExperimentExecutionException, ComputeTargetException, EngineNotAnswering
        What is asked cannot be; the message tells the remedy.
    """
    return begin(experiment.workspace._catalogue, *describe(experiment, config, tags, run_id, parent))


def describe(
    experiment: Experiment,
    config: ScriptRunConfig,
    tags: dict[str, str] | None = None,
    run_id: str | None = None,
    parent: str | None = None,
) -> tuple[RunSpec, dict[str, str], str | None]:
    """Check what is asked, and take the snapshot; see :func:`submit`.

    Returns
    -------
    tuple of RunSpec, dict and str
        What is asked; the values that are secret, by the names of their variables; the registry's password.
    """
    created = time.time()
    workspace = experiment.workspace
    configuration = config._resolved()
    folder = _source_folder(config)
    script = _checked_script(configuration, folder)
    run_id = new_run_id(experiment.name) if run_id is None else checked_run_id(run_id)
    data = RunData(workspace, run_id)
    data.gather(configuration, config.command)
    arguments = [_argument(value) for value in configuration.arguments]
    check_nodes(configuration, workspace)
    place = cluster_of(workspace, configuration.target)
    launch = launch_of(configuration)
    gpus = gpus_per_node(configuration, workspace._paths, launch.node_count)
    ignored("priorities", priority=configuration.priority is not None)
    retries = checked_count("max_retries", configuration.max_retries, least=0)
    environment = asked_environment(configuration)
    container = environment is not None and needs_container(environment, configuration.docker)
    check_launch(launch, configuration, environment, container=container, here=place is None)
    if place is not None:
        check_on_cluster(data.inputs, data.outputs)
    if workspace._paths.run(run_id).root.exists():
        raise UserErrorException(f"There is a run {run_id} already: choose another run_id.")
    variables = _variables(configuration, environment)
    hidden = {name: value for name, value in variables.items() if is_secret_name(name)}
    configuration.docker.arguments, secret = without_secret_arguments(configuration.docker.arguments)
    hidden |= secret
    taken = snapshot.take(folder, workspace._paths, workspace._catalogue)
    _warn_of_secrets(taken, folder)
    properties = {
        "_azureml.ComputeTargetType": LOCAL if configuration.target == LOCAL else "amlcompute",
        "ContentSnapshotId": taken.id,
        **git_properties(folder),
    }
    spec = RunSpec(
        run_id=run_id,
        experiment=experiment.name,
        workspace=workspace.name,
        subscription_id=workspace.subscription_id,
        resource_group=workspace.resource_group,
        type=SCRIPT_RUN,
        created=created,
        parent=parent,
        script=script,
        arguments=arguments,
        command=command_text(configuration.command) or None,
        target=configuration.target,
        ray=place,
        **launch._asdict(),
        gpus_per_node=gpus,
        environment=None
        if environment is None
        else {**environment._definition(), "version": environment._registered_as(workspace)},
        container=container,
        interpreter=None if environment else config._interpreter or sys.executable,
        environment_variables={name: value for name, value in variables.items() if name not in hidden},
        hidden_variables=sorted(hidden),
        docker_arguments=configuration.docker.arguments,
        shm_size=configuration.docker.shm_size,
        max_run_duration_seconds=configuration.max_run_duration_seconds,
        max_retries=retries,
        snapshot_id=taken.id,
        snapshot_seconds=taken.seconds,
        snapshot_files=taken.files,
        snapshot_bytes=taken.size,
        source_directory=str(folder),
        tags={str(key): None if value is None else str(value) for key, value in (tags or {}).items()},
        properties=properties,
        run_definition=_run_definition(
            configuration, environment or own_python(configuration.environment.environment_variables)
        ),
        submitted_by=user_name(),
        inputs=data.inputs,
        outputs=data.outputs,
    )
    password = environment.docker.base_image_registry._found_password() if environment else None
    return spec, hidden, password


def _source_folder(config: ScriptRunConfig) -> Path:
    folder = Path(config.source_directory or ".").expanduser().absolute()
    if not folder.is_dir():
        what = "a file" if folder.is_file() else "not there"
        raise UserErrorException(f"The source directory {folder} is {what}: name the folder that holds the script.")
    return folder


def _checked_script(configuration: RunConfiguration, folder: Path) -> str | None:
    """Return the script's path within the folder."""
    if configuration.command:
        return str(configuration.script) if configuration.script else None
    if not configuration.script:
        raise UserErrorException("Neither a script nor a command is given: name the script that is to run.")
    script = folder / configuration.script
    if not script.is_file():
        scripts = sorted(file.name for file in folder.glob("*.py"))
        there, near = ", ".join(scripts[:8]) or "no Python files", did_you_mean(configuration.script, scripts)
        raise ExperimentExecutionException(
            f"There is no script {configuration.script} in {folder} (there: {there}).{near} "
            "Its path is relative to the source directory."
        )
    inside = os.path.relpath(script, folder)
    if inside.startswith(os.pardir):
        raise ExperimentExecutionException(
            f"The script {configuration.script} lies outside the source directory {folder}, so it would not be sent."
        )
    if snapshot.leaves_out(folder, inside):
        raise ExperimentExecutionException(
            f"The script {configuration.script} would not be sent: the ignore file in {folder} names it. "
            f"Add '!{inside}' to it."
        )
    return inside


def _argument(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return value.item()
    raise UserErrorException(f"An argument is text or a number, not a {type(value).__name__}: {value!r}.")


def check_nodes(configuration: RunConfiguration, workspace: Workspace) -> None:
    """Refuse a target that is not there, or that has fewer nodes than are asked for; ``torchrun`` takes fewer."""
    try:
        nodes = int(configuration.node_count)
    except (TypeError, ValueError):
        raise UserErrorException(f"node_count is a whole number, not {configuration.node_count!r}.") from None
    if nodes < 1:
        raise UserErrorException(f"node_count is {nodes}: a run needs at least 1 node.")
    slots = Queue(workspace._catalogue).slots(configuration.target)
    if not slots:
        known = ["local", *workspace.compute_targets]
        raise ComputeTargetException(
            f"ComputeTargetNotFound: there is no compute target {configuration.target!r} in {workspace.name!r} "
            f"(there: {', '.join(known)}).{did_you_mean(configuration.target, known)} "
            "Make it with %aml compute add or ComputeTarget.create, or use 'local'."
        )
    if nodes > slots >= least_nodes(configuration):
        notice(
            f"{configuration.target} has {slots} of the {nodes} nodes that are asked for: the run starts with those."
        )
        configuration.node_count = slots
    elif nodes > slots:
        raise UserErrorException(
            f"{nodes} nodes are asked for and {configuration.target!r} has {slots}: ask for fewer"
            + (", as it is this machine." if configuration.target == LOCAL else ", or raise its max_nodes.")
        )


def asked_environment(configuration: RunConfiguration) -> Environment | None:
    """Return the environment, or None when the configuration has the one that stands for none."""
    environment = configuration.environment
    default = Environment("default-environment")
    default.environment_variables = environment.environment_variables  # these need no environment of their own
    return None if environment._to_dict() == default._to_dict() and not configuration.docker.use_docker else environment


def _variables(configuration: RunConfiguration, environment: Environment | None) -> dict[str, str]:
    own = configuration.environment.environment_variables
    if environment is None and own == Environment().environment_variables:
        own = {}  # v1's example
    variables = {**own, **configuration.environment_variables}
    return usable({str(name): str(value) for name, value in variables.items()})


def _run_definition(configuration: RunConfiguration, environment: Environment) -> dict[str, Any]:
    """Return the configuration as ``get_details`` gives it, secrets masked."""
    definition = configuration._to_dict()
    definition["arguments"] = [str(argument) for argument in configuration.arguments]
    definition["environment"] = environment._to_dict()
    plain: dict[str, Any] = json.loads(json.dumps(masked_run(definition), default=str))
    return plain


def _warn_of_secrets(taken: snapshot.Snapshot, folder: Path) -> None:
    if taken.secrets:
        names = ", ".join(f"{name} ({why})" for name, why in sorted(taken.secrets.items())[:5])
        notice(
            f"The snapshot holds what looks like a secret: {names}. Name it in {folder / '.amlignore'} to keep it out."
        )
    if taken.skipped:
        notice(f"Not readable, so not in the snapshot: {', '.join(taken.skipped[:5])}.")
