"""Estimators: v1's older way to describe a run, in one call."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.data.datastore import Datastore
from jupyter_ext.core.data.path import DataReference
from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.notices import ignored, notice_once
from jupyter_ext.core.submission.runconfig import RunConfiguration
from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import TrainingException, UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.default_images import DEFAULT_GPU_IMAGE

from ._distributed import distribute

if TYPE_CHECKING:
    from jupyter_ext.core.environments.environment import Environment
    from jupyter_ext.core.runs.script_run import ScriptRun
    from jupyter_ext.core.workspaces.experiment import Experiment

_OVERRIDES = ("script_params", "inputs", "source_directory_data_store")


class Estimator:
    """A script, its parameters, and what it runs in.

    Parameters
    ----------
    source_directory
        The folder that is sent.
    compute_target
        Where: a target, its name, or ``local``.
    vm_size, vm_priority
        In place of ``compute_target``: what one node is to have. The run goes to this machine.
    entry_script
        Relative to ``source_directory``.
    script_params
        The script's arguments, names with their values: None and ``''`` make a bare flag, a list several words, a
        dataset its path.
    node_count, process_count_per_node, distributed_training, distributed_backend
        How many processes, and how they start.
    use_gpu
        The default base image is the one with CUDA.
    use_docker, custom_docker_image, image_registry_details, shm_size
        In what container; without an image of its own a run needs none, and gets a virtual environment.
    user_managed
        The image, or the interpreter, has all that is needed.
    conda_packages, pip_packages, conda_dependencies_file, pip_requirements_file
        What is installed otherwise.
    environment_variables
        Set for the script.
    environment_definition
        An environment, in place of all of these.
    inputs
        Datasets, data references or datastores that the script is given.
    source_directory_data_store
        Accepted as in v1: the folder is kept with the workspace.
    resume_from
        A path of a datastore with the files to go on from; see :class:`ScriptRunConfig`.
    max_run_duration_seconds
        The run is ended after so long.

    Raises
    ------
    TrainingException, UserErrorException
        Parameters contradict each other; the message names them.
    """

    def __init__(
        self,
        source_directory: str,
        *,
        compute_target: Any = None,
        vm_size: str | None = None,
        vm_priority: str | None = None,
        entry_script: str | None = None,
        script_params: dict[str, Any] | None = None,
        node_count: int = 1,
        process_count_per_node: int = 1,
        distributed_backend: str | None = None,
        distributed_training: Any = None,
        use_gpu: bool = False,
        use_docker: bool = True,
        custom_docker_base_image: str | None = None,
        custom_docker_image: str | None = None,
        image_registry_details: Any = None,
        user_managed: bool = False,
        conda_packages: list[str] | None = None,
        pip_packages: list[str] | None = None,
        conda_dependencies_file_path: str | None = None,
        pip_requirements_file_path: str | None = None,
        conda_dependencies_file: str | None = None,
        pip_requirements_file: str | None = None,
        environment_variables: dict[str, str] | None = None,
        environment_definition: Environment | None = None,
        inputs: list[Any] | None = None,
        source_directory_data_store: Any = None,
        shm_size: str | None = None,
        resume_from: Any = None,
        max_run_duration_seconds: float | None = None,
        _counts: dict[str, int] | None = None,
    ) -> None:
        notice_once("estimators are v1's older way; ScriptRunConfig with an Environment says the same.")
        image = custom_docker_image or custom_docker_base_image
        conda_file = conda_dependencies_file or conda_dependencies_file_path
        pip_file = pip_requirements_file or pip_requirements_file_path
        _check_environment(
            environment_definition,
            conda_packages=conda_packages,
            pip_packages=pip_packages,
            conda_dependencies_file=conda_file,
            pip_requirements_file=pip_file,
            custom_docker_image=image,
            image_registry_details=image_registry_details,
            use_gpu=use_gpu,
            user_managed=user_managed,
            shm_size=shm_size,
            environment_variables=environment_variables,
        )
        _check_packages(user_managed, conda_packages, pip_packages, conda_file, pip_file)
        if compute_target is None and not vm_size:
            raise TrainingException("Give a compute_target: a target, its name, or 'local'.")
        if image and not use_docker:
            raise TrainingException("custom_docker_image needs a container: leave use_docker as it is.")
        if int(node_count) > 1 and not isinstance(compute_target, ComputeTarget):
            raise TrainingException(
                f"{node_count} nodes need a compute target that has as many, as an object: ComputeTarget(ws, name)."
            )
        ignored("cloud machines", vm_size=vm_size, vm_priority=vm_priority)
        self._source_directory = source_directory
        self._resume_from = resume_from
        configuration = self._run_config = RunConfiguration()
        configuration.target = compute_target
        configuration.script = entry_script
        configuration.max_run_duration_seconds = max_run_duration_seconds
        configuration.docker.use_docker = use_docker
        configuration.docker.shm_size = shm_size
        if environment_definition is not None:
            configuration.environment = environment_definition
        else:
            _fill_environment(configuration.environment, image, image_registry_details, environment_variables)
            environment = configuration.environment
            environment.python.user_managed_dependencies = user_managed
            if use_gpu and not image:
                environment.docker.base_image = DEFAULT_GPU_IMAGE
            environment.python.conda_dependencies = _dependencies(conda_packages, pip_packages, conda_file, pip_file)
        distribute(
            configuration,
            distributed_training,
            distributed_backend,
            int(node_count),
            int(process_count_per_node),
            **(_counts or {}),
        )
        self._apply(configuration, script_params, inputs, source_directory_data_store)

    @property
    def source_directory(self) -> str:
        """The folder that is sent."""
        return self._source_directory

    @property
    def run_config(self) -> RunConfiguration:
        """The run configuration that is submitted; it may be changed until then."""
        return self._run_config

    @property
    def conda_dependencies(self) -> CondaDependencies | None:
        """The packages of the environment; they may be changed until it is submitted."""
        return self._run_config.environment.python.conda_dependencies

    def _submit_to(
        self, experiment: Experiment, *, tags: dict[str, str] | None = None, parent: str | None = None, **overrides: Any
    ) -> ScriptRun:
        """Submit it, with some parameters for this run only; see :meth:`Experiment.submit`."""
        return self._script_run_config(**overrides)._submit_to(experiment, tags=tags, parent=parent)

    def _script_run_config(self, **overrides: Any) -> ScriptRunConfig:
        """Return what is submitted.

        Raises
        ------
        TrainingException
            A parameter is none of those that can be given for one run.
        """
        unknown = sorted(set(overrides) - set(_OVERRIDES))
        if unknown:
            raise TrainingException(
                f"An estimator is submitted with {', '.join(_OVERRIDES)}, not with {', '.join(unknown)}: "
                f"say it when the estimator is made.{did_you_mean(unknown[0], _OVERRIDES)}"
            )
        configuration = copy.deepcopy(self._run_config)
        self._apply(configuration, **{name: overrides.get(name) for name in _OVERRIDES})
        if not configuration.environment._asks_for_image():
            configuration.docker.use_docker = False  # v1's default; here packages alone need no container
        return ScriptRunConfig(self._source_directory, run_config=configuration, resume_from=self._resume_from)

    @staticmethod
    def _apply(
        configuration: RunConfiguration,
        script_params: dict[str, Any] | None,
        inputs: list[Any] | None,
        source_directory_data_store: Any,
    ) -> None:
        if script_params is not None:
            configuration.arguments = arguments_of(script_params)
        for one in inputs or ():
            reference = one.as_mount() if isinstance(one, Datastore) else one
            if isinstance(reference, DataReference):
                configuration.data_references[reference.data_reference_name] = reference.to_config()
            elif hasattr(one, "arg_val"):
                configuration.data[one.name] = one
            else:
                raise UserErrorException(
                    f"A {type(one).__name__} cannot be an input: pass dataset.as_named_input('name'), or a datastore."
                )
        ignored("the places of source folders", source_directory_data_store=source_directory_data_store)


def arguments_of(script_params: dict[str, Any]) -> list[Any]:
    """Return the arguments that ``script_params`` stands for, as v1 lays them out.

    Raises
    ------
    UserErrorException
        It is no dictionary.
    """
    if not isinstance(script_params, dict):
        raise UserErrorException(f"script_params is a dictionary, not a {type(script_params).__name__}.")
    words: list[Any] = []
    for name, value in script_params.items():
        words += [name, *value] if isinstance(value, list) else [name, value]
    return [word for word in words if word is not None and not (isinstance(word, str) and not word)]


def _check_environment(definition: Environment | None, **others: Any) -> None:
    both = [name for name, value in others.items() if value]
    if definition is not None and both:
        raise TrainingException(f"environment_definition says it all: leave out {', '.join(both)}.")


def _check_packages(
    user_managed: bool,
    conda_packages: list[str] | None,
    pip_packages: list[str] | None,
    conda_file: str | None,
    pip_file: str | None,
) -> None:
    if user_managed and (conda_packages or pip_packages or conda_file or pip_file):
        raise UserErrorException("user_managed installs nothing: leave out the packages, or user_managed.")
    if conda_file and (conda_packages or pip_packages):
        raise UserErrorException("conda_dependencies_file names the packages: leave out conda_packages, pip_packages.")
    if pip_file and pip_packages:
        raise UserErrorException("pip_requirements_file names the packages: leave out pip_packages.")


def _fill_environment(
    environment: Environment, image: str | None, registry: Any, variables: dict[str, str] | None
) -> None:
    if image:
        environment.docker.base_image = image
    if registry is not None:
        environment.docker.base_image_registry = registry
    environment.environment_variables.update(variables or {})


def _dependencies(
    conda_packages: list[str] | None, pip_packages: list[str] | None, conda_file: str | None, pip_file: str | None
) -> CondaDependencies:
    dependencies = CondaDependencies(conda_file)
    lines = Path(pip_file).read_text(encoding="utf-8").splitlines() if pip_file else pip_packages or []
    for package in lines:
        if package.strip() and not package.lstrip().startswith("#"):
            dependencies.add_pip_package(package.strip())
    for package in conda_packages or ():
        dependencies.add_conda_package(package)
    return dependencies
