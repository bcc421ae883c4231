"""How a script is to be run: v1's run configuration and its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import yaml

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    RunConfigurationException,
    UserErrorException,
)

from .conda_dependencies import CondaDependencies
from .element import Element
from .environment import Environment

DEFAULT_MAX_SECONDS = 2592000  # v1: 30 days
_BACKENDS = ("nccl", "gloo")


class DockerConfiguration(Element):
    """Whether and how ranks run in a container.

    Parameters
    ----------
    use_docker
        Run in a container.
    shared_volumes
        Accepted as in v1.
    arguments
        Options of ``docker run``.
    shm_size
        Size of ``/dev/shm`` as Docker writes it.
    """

    _keys: ClassVar = {
        "use_docker": "useDocker",
        "shared_volumes": "sharedVolumes",
        "arguments": "arguments",
        "shm_size": "shmSize",
    }

    def __init__(
        self,
        use_docker: bool = False,
        shared_volumes: bool = True,
        arguments: list[str] | None = None,
        shm_size: str | None = "2g",
    ) -> None:
        self.use_docker = use_docker
        self.shared_volumes = shared_volumes
        self.arguments = list(arguments or [])
        self.shm_size = shm_size
        self._arm()


class MpiConfiguration(Element):
    """Ranks under ``mpirun``: processes on each node, times nodes."""

    _keys: ClassVar = {"process_count_per_node": "processCountPerNode", "node_count": "nodeCount"}

    def __init__(self, process_count_per_node: int = 1, node_count: int = 1) -> None:
        self.process_count_per_node = process_count_per_node
        self.node_count = node_count
        self._arm()


class PyTorchConfiguration(Element):
    """Ranks for PyTorch: ``process_count`` over all nodes, one on each where it is None (v1)."""

    _keys: ClassVar = {
        "communication_backend": "communicationBackend",
        "process_count": "processCount",
        "node_count": "nodeCount",
    }

    def __init__(
        self, communication_backend: str = "Nccl", process_count: int | None = None, node_count: int = 1
    ) -> None:
        if communication_backend.lower() not in _BACKENDS:
            raise RunConfigurationException(
                f"communication_backend is 'nccl' or 'gloo', not {communication_backend!r}."
            )
        self.communication_backend = communication_backend.lower()
        self.process_count = process_count
        self.node_count = node_count
        self._arm()


class TensorflowConfiguration(Element):
    """Workers and parameter servers for TensorFlow; the workers are the nodes (v1)."""

    _keys: ClassVar = {"worker_count": "workerCount", "parameter_server_count": "parameterServerCount"}

    def __init__(self, worker_count: int = 1, parameter_server_count: int = 1) -> None:
        self.worker_count = worker_count
        self.parameter_server_count = parameter_server_count
        self._arm()


class ParallelTaskConfiguration(Element):
    """Kept for v1's run configurations."""

    _keys: ClassVar = {
        "max_retries_per_worker": "maxRetriesPerWorker",
        "worker_count_per_node": "workerCountPerNode",
        "terminal_exit_codes": "terminalExitCodes",
    }

    def __init__(
        self, max_retries_per_worker: int = 0, worker_count_per_node: int = 1, terminal_exit_codes: Any = None
    ) -> None:
        self.max_retries_per_worker = max_retries_per_worker
        self.worker_count_per_node = worker_count_per_node
        self.terminal_exit_codes = terminal_exit_codes


class HistoryConfiguration(Element):
    """What of a run is kept; everything in ``outputs`` and ``logs`` always is."""

    _keys: ClassVar = {
        "output_collection": "outputCollection",
        "snapshot_project": "snapshotProject",
        "directories_to_watch": "directoriesToWatch",
    }

    def __init__(self) -> None:
        self.output_collection = True
        self.snapshot_project = True
        self.directories_to_watch = ["logs"]
        self._arm()


class SparkConfiguration(Element):
    """Kept for v1's run configurations."""

    _keys: ClassVar = {"configuration": "configuration"}

    def __init__(self) -> None:
        self.configuration = {"spark.app.name": "Azure ML Experiment", "spark.yarn.maxAppAttempts": 1}
        self._arm()


class HdiConfiguration(Element):
    """Kept for v1's run configurations."""

    _keys: ClassVar = {"yarn_deploy_mode": "yarnDeployMode"}

    def __init__(self) -> None:
        self.yarn_deploy_mode = "cluster"
        self._arm()


class AmlComputeConfiguration(Element):
    """A target that is made for one run (v1's older mode)."""

    _keys: ClassVar = {
        "vm_size": "vmSize",
        "vm_priority": "vmPriority",
        "_retain_cluster": "retainCluster",
        "_name": "name",
        "_cluster_max_node_count": "clusterMaxNodeCount",
    }

    def __init__(self) -> None:
        self.vm_size: str | None = None
        self.vm_priority: str | None = None
        self._retain_cluster = False
        self._name: str | None = None
        self._cluster_max_node_count: int | None = None
        self._arm()


class KubernetesComputeConfiguration(Element):
    """Kept for v1's run configurations."""

    _keys: ClassVar = {"instance_type": "instanceType"}

    def __init__(self) -> None:
        self.instance_type: str | None = None


class RunConfiguration(Element):
    """How a script is to be run.

    Parameters
    ----------
    script
        Relative to the source directory.
    arguments
        The script's arguments.
    framework, communicator
        Which launcher; set by a ``distributed_job_config``.
    conda_dependencies
        Packages of the environment.
    command
        A shell command in place of a script.
    """

    _keys: ClassVar = {
        "script": "script",
        "arguments": "arguments",
        "target": "target",
        "framework": "framework",
        "communicator": "communicator",
        "max_run_duration_seconds": "maxRunDurationSeconds",
        "node_count": "nodeCount",
        "priority": "priority",
        "environment": "environment",
        "history": "history",
        "spark": "spark",
        "docker": "docker",
        "hdi": "hdi",
        "tensorflow": "tensorflow",
        "mpi": "mpi",
        "pytorch": "pytorch",
        "parallel_task": "paralleltask",
        "data_references": "dataReferences",
        "data": "data",
        "datacaches": "datacaches",
        "output_data": "outputData",
        "source_directory_data_store": "sourceDirectoryDataStore",
        "amlcompute": "amlcompute",
        "_auto_cluster_compute_specification": "autoClusterComputeSpecification",
        "kubernetescompute": "kubernetescompute",
        "credential_passthrough": "credentialPassthrough",
        "command": "command",
        "environment_variables": "environmentVariables",
        "_application_endpoints": "applicationEndpoints",
    }
    _elements: ClassVar = {
        "environment": Environment,
        "history": HistoryConfiguration,
        "spark": SparkConfiguration,
        "docker": DockerConfiguration,
        "hdi": HdiConfiguration,
        "tensorflow": TensorflowConfiguration,
        "mpi": MpiConfiguration,
        "pytorch": PyTorchConfiguration,
        "parallel_task": ParallelTaskConfiguration,
        "amlcompute": AmlComputeConfiguration,
        "kubernetescompute": KubernetesComputeConfiguration,
    }

    def __init__(
        self,
        script: str | None = None,
        arguments: list[Any] | None = None,
        framework: str | None = None,
        communicator: str | None = None,
        conda_dependencies: CondaDependencies | None = None,
        command: str | list[str] | None = None,
        _history_enabled: bool | None = None,
        _path: str | None = None,
        _name: str | None = None,
    ) -> None:
        self.script = script
        self.arguments: list[Any] = list(arguments or [])
        self._target = "local"
        self.framework = framework or "Python"
        self.communicator = communicator or "None"
        self.max_run_duration_seconds: float | None = None
        self.node_count = 1
        self.priority: int | None = None
        self.environment = Environment("default-environment")
        self.history = HistoryConfiguration()
        self.spark = SparkConfiguration()
        self.docker = DockerConfiguration()
        self.hdi = HdiConfiguration()
        self.tensorflow = TensorflowConfiguration()
        self.mpi = MpiConfiguration()
        self.pytorch = PyTorchConfiguration()
        self.parallel_task = ParallelTaskConfiguration()
        self.data_references: dict[str, Any] = {}
        self.data: dict[str, Any] = {}
        self.datacaches: list[Any] = []
        self.output_data: dict[str, Any] = {}
        self.source_directory_data_store: str | None = None
        self.amlcompute = AmlComputeConfiguration()
        self._auto_cluster_compute_specification: Any = None
        self.kubernetescompute = KubernetesComputeConfiguration()
        self.credential_passthrough = False
        self.command = command_text(command)
        self.environment_variables: dict[str, str] = {}
        self._application_endpoints: dict[str, Any] = {}
        self._path, self._name = _path, _name
        self._arm()
        if conda_dependencies is not None:
            self.environment.python.conda_dependencies = conda_dependencies

    @property
    def target(self) -> str:
        """The compute target's name; a target object may be assigned."""
        return self._target

    @target.setter
    def target(self, value: Any) -> None:
        self._target = target_name(value)

    def save(self, path: str | None = None, name: str | None = None, separate_environment_yaml: bool = False) -> str:
        """Write the configuration as ``<path>/.azureml/<name>`` and its packages beside it (v1).

        Raises
        ------
        FileNotFoundError
            ``<path>/.azureml`` (or ``aml_config``) does not exist.
        """
        root = Path(path or self._path or ".")
        folder = root / "aml_config" if (root / "aml_config").is_dir() else root / ".azureml"
        if not folder.is_dir():
            raise FileNotFoundError(f"There is no folder {folder}. Make it first, as v1 asks.")
        document = self._to_dict()
        python = document["environment"]["python"]
        dependencies = self.environment.python.conda_dependencies
        if python.pop("condaDependencies", None) is not None and dependencies is not None:
            python["condaDependenciesFile"] = f"{folder.name}/conda_dependencies.yml"
            dependencies.save(str(folder / "conda_dependencies.yml"))
        document["environment"]["docker"]["baseImageRegistry"]["password"] = None
        if separate_environment_yaml:
            _write_yaml(folder / "environment.yml", document["environment"])
            document["environment"] = f"{folder.name}/environment.yml"
        file = folder / (name or self._name or "run_configuration")
        _write_yaml(file, document)
        return str(file)

    @staticmethod
    def load(path: str, name: str | None = None) -> RunConfiguration:
        """Read a configuration: an exact file, or ``name`` under ``path`` (v1).

        Raises
        ------
        UserErrorException
            There is no such file.
        """
        root = Path(path)
        candidates = [root] if root.is_file() else []
        for folder in (root / ".azureml", root / "aml_config", root):
            candidates += [folder / f"{name}{ending}" for ending in ("", ".runconfig") if name]
        file = next((candidate for candidate in candidates if candidate.is_file()), None)
        if file is None:
            raise UserErrorException(f"There is no run configuration {name or ''} in {root}.")
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        base = file.parent.parent if file.parent.name in (".azureml", "aml_config") else file.parent
        if isinstance(document.get("environment"), str):
            document["environment"] = yaml.safe_load((base / document["environment"]).read_text(encoding="utf-8"))
        configuration = RunConfiguration._from_dict(document)
        packages = configuration.environment.python.conda_dependencies_file
        if packages and (base / packages).is_file():
            configuration.environment.python.conda_dependencies = CondaDependencies(str(base / packages))
            configuration.environment.python.conda_dependencies_file = None
        return configuration

    @staticmethod
    def delete(path: str, name: str) -> None:
        """Remove a saved configuration."""
        for folder in (Path(path) / ".azureml", Path(path) / "aml_config"):
            for ending in ("", ".runconfig"):
                (folder / f"{name}{ending}").unlink(missing_ok=True)


def target_name(target: Any) -> str:
    """Return the name of a target given as text or as an object."""
    return str(getattr(target, "name", target) or "local")


def command_text(command: str | list[str] | None) -> str:
    """Return a command as one line: a list is joined with single spaces and quoted no further (v1)."""
    if command is None:
        return ""
    return command if isinstance(command, str) else " ".join(str(word) for word in command)


def _write_yaml(file: Path, document: Any) -> None:
    file.write_text(yaml.safe_dump(document, sort_keys=False, default_flow_style=False), encoding="utf-8")
