"""A script, its arguments, and where and in what it is to run."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.data.path import DataPath, DataReference
from jupyter_ext.core.notices import ignored, notice
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import RunConfigurationException, UserErrorException
from jupyter_ext.store.records import DEFAULT_MAX_SECONDS

from .distributed import MpiConfiguration, PyTorchConfiguration, TensorflowConfiguration, TorchrunConfiguration
from .runconfig import TORCHRUN, RunConfiguration, command_text
from .runconfig_parts import DockerConfiguration

if TYPE_CHECKING:
    from jupyter_ext.core.environments.environment import Environment
    from jupyter_ext.core.runs.script_run import ScriptRun
    from jupyter_ext.core.workspaces.experiment import Experiment


class ScriptRunConfig:
    """A script run, ready to be submitted.

    Parameters
    ----------
    source_directory
        The folder that is sent.
    script
        Relative to it.
    arguments
        The script's arguments; what is not text is kept as it is (v1).
    run_config
        A whole configuration, or the name of one that was saved; what it says of target, environment and launch
        goes before the parameters here (v1).
    compute_target
        Where: a target, its name, or ``local``.
    environment
        In what. None: the Python of this notebook.
    distributed_job_config
        An MPI, PyTorch, TensorFlow or torchrun configuration.
    resume_from
        A path of a datastore with the files to go on from: the script gets where they are as ``--resume-from`` (v1).
    max_run_duration_seconds
        The run is ended after so long.
    command
        A shell command, as text or as a list of words, in place of a script.
    docker_runtime_config
        Whether and how to run in a container.
    max_retries
        How often the run is placed again when a node of it dies; see :class:`RunConfiguration`.
    """

    _interpreter: str | None = None  # of a run without environment, where it is not that of this process

    def __init__(
        self,
        source_directory: str | None = None,
        script: str | None = None,
        arguments: list[Any] | None = None,
        run_config: RunConfiguration | str | None = None,
        _telemetry_values: Any = None,
        compute_target: Any = None,
        environment: Environment | None = None,
        distributed_job_config: Any = None,
        resume_from: Any = None,
        max_run_duration_seconds: float | None = DEFAULT_MAX_SECONDS,
        command: str | list[str] | None = None,
        docker_runtime_config: DockerConfiguration | None = None,
        max_retries: int = 0,
    ) -> None:
        self.source_directory = source_directory
        self.script = script
        self.arguments = arguments
        self.command = command
        self.resume_from = resume_from
        given = {
            "compute_target": compute_target,
            "environment": environment,
            "distributed_job_config": distributed_job_config,
            "docker_runtime_config": docker_runtime_config,
        }
        if isinstance(run_config, str):
            run_config = RunConfiguration.load(source_directory or ".", run_config)
        if run_config is not None:
            said_there = ", ".join(name for name, value in given.items() if value is not None)
            if said_there:
                notice(f"Ignored, as run_config says it: {said_there}.")
            self.run_config = run_config
            return
        self.run_config = RunConfiguration()
        self.run_config.target = compute_target
        self.run_config.max_run_duration_seconds = max_run_duration_seconds
        self.run_config.max_retries = max_retries
        if environment is not None:
            self.run_config.environment = environment
        _set_docker(self.run_config, docker_runtime_config)
        _set_distribution(self.run_config, distributed_job_config)

    def _submit_to(
        self,
        experiment: Experiment,
        *,
        tags: dict[str, str] | None = None,
        parent: str | None = None,
        run_id: str | None = None,
        credential_passthrough: bool = False,
        show_output: bool = False,
    ) -> ScriptRun:
        """Submit it; see :meth:`Experiment.submit`."""
        from jupyter_ext.core.runs.script_run import ScriptRun  # noqa: PLC0415 - runs need experiments

        from .submit import submit  # noqa: PLC0415 - 40 ms that a notebook spends when it submits

        ignored("cloud identities", credential_passthrough=credential_passthrough)
        run = ScriptRun(experiment, "", _paths=submit(experiment, self, tags, run_id, parent))
        if show_output:
            run.wait_for_completion(show_output=True, raise_on_error=False)
        return run

    def _resolved(self) -> RunConfiguration:
        """Return the configuration that is submitted: a copy, with script, arguments and command in it."""
        configuration = copy.deepcopy(self.run_config)
        if self.script is not None:
            configuration.script = self.script
        if self.arguments is not None:
            configuration.arguments = list(self.arguments)
        if self.command is not None:
            configuration.command = command_text(self.command)
        if self.resume_from is not None:
            configuration.arguments = [*configuration.arguments, "--resume-from", _reference_to(self.resume_from)]
        return configuration


def _reference_to(resume_from: Any) -> DataReference:
    if isinstance(resume_from, DataReference):
        return resume_from
    if isinstance(resume_from, DataPath):
        return resume_from.create_data_reference("resume_from")
    raise UserErrorException(
        f"resume_from is a path of a datastore, not a {type(resume_from).__name__}: DataPath(datastore, 'folder'). "
        "To go on from a run's outputs, download_files() them into the source folder, or upload them to a datastore."
    )


def _set_docker(configuration: RunConfiguration, docker: DockerConfiguration | None) -> None:
    """Take what is said of Docker: from the runtime configuration, else from the environment as it is now (v1)."""
    if docker is None:
        section = configuration.environment.docker
        docker = DockerConfiguration(section.enabled, section.shared_volumes, section.arguments, section.shm_size)
    configuration.docker = docker


def _set_distribution(configuration: RunConfiguration, distribution: Any) -> None:
    if distribution is None:
        return
    if isinstance(distribution, MpiConfiguration):
        configuration.mpi = distribution
        configuration.communicator = "IntelMpi"
        configuration.node_count = distribution.node_count
    elif isinstance(distribution, PyTorchConfiguration):
        configuration.pytorch = distribution
        configuration.framework = "PyTorch"
        configuration.communicator = distribution.communication_backend
        configuration.node_count = distribution.node_count
    elif isinstance(distribution, TensorflowConfiguration):
        configuration.tensorflow = distribution
        configuration.framework = "TensorFlow"
        configuration.communicator = "ParameterServer"
        configuration.node_count = distribution.worker_count
    elif isinstance(distribution, TorchrunConfiguration):
        configuration.torchrun = distribution
        configuration.framework = "PyTorch"
        configuration.communicator = TORCHRUN
        configuration.node_count = distribution.node_count
    else:
        raise RunConfigurationException(
            "distributed_job_config is an MpiConfiguration, PyTorchConfiguration, TensorflowConfiguration or "
            f"TorchrunConfiguration, not a {type(distribution).__name__}."
        )
