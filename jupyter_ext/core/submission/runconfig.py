"""How a script is to be run: v1's run configuration and its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from jupyter_ext.core.element import Element
from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.notices import notice_once
from jupyter_ext.core.yaml_text import read_yaml, write_yaml
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

from . import hidden
from .distributed import (
    MpiConfiguration,
    ParallelTaskConfiguration,
    PyTorchConfiguration,
    TensorflowConfiguration,
    TorchrunConfiguration,
)
from .runconfig_data import Data, DataReferenceConfiguration, OutputData
from .runconfig_parts import (
    AmlComputeConfiguration,
    DockerConfiguration,
    HdiConfiguration,
    HistoryConfiguration,
    KubernetesComputeConfiguration,
    SparkConfiguration,
)

TORCHRUN = "Torchrun"
"""The communicator of a run that ``torchrun`` starts."""


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

    Attributes
    ----------
    gpus_per_node
        GPUs that each node is given. None: those that a node of the target has.
    max_retries
        How often the run is placed again when a node of it dies; not when its script fails. It goes on with what it
        has written to ``outputs``, and ``AML_RESTART_COUNT`` tells it.
    """

    _keys: ClassVar = {
        "script": "script",
        "arguments": "arguments",
        "target": "target",
        "framework": "framework",
        "communicator": "communicator",
        "max_run_duration_seconds": "maxRunDurationSeconds",
        "max_retries": "maxRetries",
        "node_count": "nodeCount",
        "gpus_per_node": "gpusPerNode",
        "priority": "priority",
        "environment": "environment",
        "history": "history",
        "spark": "spark",
        "docker": "docker",
        "hdi": "hdi",
        "tensorflow": "tensorflow",
        "mpi": "mpi",
        "pytorch": "pytorch",
        "torchrun": "torchrun",
        "paralleltask": "paralleltask",
        "data_references": "dataReferences",
        "data": "data",
        "datacaches": "datacaches",
        "output_data": "outputData",
        "source_directory_data_store": "sourceDirectoryDataStore",
        "amlcompute": "amlcompute",
        "auto_cluster_compute_specification": "autoClusterComputeSpecification",
        "kubernetescompute": "kubernetescompute",
        "credential_passthrough": "credentialPassthrough",
        "command": "command",
        "environment_variables": "environmentVariables",
        "services": "applicationEndpoints",
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
        "torchrun": TorchrunConfiguration,
        "paralleltask": ParallelTaskConfiguration,
        "amlcompute": AmlComputeConfiguration,
        "kubernetescompute": KubernetesComputeConfiguration,
        "data_references": DataReferenceConfiguration,
        "data": Data,
        "output_data": OutputData,
    }
    _by_name: ClassVar = frozenset({"data_references", "data", "output_data"})

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
        self.max_retries = 0
        self.node_count = 1
        self.gpus_per_node: int | None = None
        self.priority: int | None = None
        self.environment = Environment("default-environment")
        self.history = HistoryConfiguration()
        self.spark = SparkConfiguration()
        self.docker = DockerConfiguration()
        self.hdi = HdiConfiguration()
        self.tensorflow = TensorflowConfiguration()
        self.mpi = MpiConfiguration()
        self.pytorch = PyTorchConfiguration()
        self.torchrun = TorchrunConfiguration()
        self.paralleltask = ParallelTaskConfiguration()
        self.data_references: dict[str, Any] = {}
        self.data: dict[str, Any] = {}
        self.datacaches: list[Any] = []
        self.output_data: dict[str, Any] = {}
        self.source_directory_data_store: str | None = None
        self.amlcompute = AmlComputeConfiguration()
        self.auto_cluster_compute_specification: Any = None
        self.kubernetescompute = KubernetesComputeConfiguration()
        self.credential_passthrough = False
        self.command = command_text(command)
        self.environment_variables: dict[str, str] = {}
        self.services: dict[str, Any] = {}
        self._path, self._name = _path, _name
        self._arm()
        if conda_dependencies is not None:
            self.environment.python.conda_dependencies = conda_dependencies

    def _to_dict(self) -> dict[str, Any]:
        content = super()._to_dict()
        if self.gpus_per_node is None:
            del content["gpusPerNode"]  # v1 has no such key
        if not self.max_retries:
            del content["maxRetries"]  # v1 has no such key
        if self.communicator != TORCHRUN:
            del content["torchrun"]  # nor this
        return content

    @property
    def target(self) -> str:
        """The compute target's name; a target object may be assigned."""
        return self._target

    @target.setter
    def target(self, value: Any) -> None:
        self._target = target_name(value)

    @property
    def auto_prepare_environment(self) -> bool:
        """Always True: what an environment asks for is built before its first run."""
        return True

    @auto_prepare_environment.setter
    def auto_prepare_environment(self, value: bool) -> None:
        if not value:
            notice_once("auto_prepare_environment=False is ignored: what an environment asks for is built.")

    def save(self, path: str | None = None, name: str | None = None, separate_environment_yaml: bool = False) -> str:
        """Write the configuration as ``<path>/.azureml/<name>`` and its packages beside it (v1), without secret values.

        Raises
        ------
        FileNotFoundError
            ``<path>/.azureml`` (or ``aml_config``) does not exist.
        """
        root = Path(path or self._path or ".")
        folder = root / "aml_config" if (root / "aml_config").is_dir() else root / ".azureml"
        if not folder.is_dir():
            raise FileNotFoundError(f"There is no folder {folder}. Make it first, as v1 asks.")
        document = hidden.masked_run(self._to_dict())
        python = document["environment"]["python"]
        dependencies = python.pop("condaDependencies", None)
        if dependencies is not None:
            python["condaDependenciesFile"] = f"{folder.name}/conda_dependencies.yml"
            _write_yaml(folder / "conda_dependencies.yml", dependencies)
        if separate_environment_yaml:
            _write_yaml(folder / "environment.yml", document["environment"])
            document["environment"] = f"{folder.name}/environment.yml"
        file = folder / (name or self._name or "run_configuration")
        _write_yaml(file, document)
        hidden.tell(self.environment, self)
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
        document = _read_document(file)
        base = file.parent.parent if file.parent.name in (".azureml", "aml_config") else file.parent
        if isinstance(document.get("environment"), str):
            document["environment"] = read_yaml((base / document["environment"]).read_text(encoding="utf-8"))
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


def _read_document(file: Path) -> dict[str, Any]:
    """Read a saved configuration; in v1's oldest form script and arguments are one list."""
    try:
        document = read_yaml(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserErrorException(f"{file} is not YAML: {error}") from error
    if not isinstance(document, dict):
        raise UserErrorException(f"{file} holds no run configuration.")
    words = next((document.pop(key) for key in ("ArgumentVector", "argumentVector") if key in document), None)
    if words:
        document |= {"script": words[0], "arguments": list(words[1:])}
    return document


def target_name(target: Any) -> str:
    """Return the name of a target given as text or as an object."""
    return str(getattr(target, "name", target) or "local")


def command_text(command: str | list[str] | None) -> str:
    """Return a command as one line: a list is joined with single spaces and quoted no further (v1)."""
    if command is None:
        return ""
    return command if isinstance(command, str) else " ".join(str(word) for word in command)


def _write_yaml(file: Path, document: Any) -> None:
    file.write_text(write_yaml(document), encoding="utf-8")
