"""What a run executes in: an image, a Python, packages, environment variables."""

from __future__ import annotations

import copy
import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, unquote

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.records import EnvironmentRecord, encode, read_record, write_once

from .conda_dependencies import CREATE_PYTHON, CondaDependencies
from .element import Element
from .environment_parts import (
    DEFAULT_CPU_IMAGE,
    DEFAULT_GPU_IMAGE,
    ContainerRegistry,
    DatabricksSection,
    DockerBuildContext,
    DockerSection,
    PythonSection,
    SparkSection,
    dockerfile_text,
)
from .notices import notice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from .workspace import Workspace

_NAME = re.compile(r"^[A-Za-z0-9][\w.\-]{0,254}\Z", re.ASCII)


class Environment(Element):
    """What a run executes in, under a name and, once registered, a version.

    Parameters
    ----------
    name
        Its name. Checked when it is registered.

    Raises
    ------
    TypeError
        ``name`` is neither text nor None.
    """

    _keys: ClassVar = {
        "name": "name",
        "version": "version",
        "environment_variables": "environmentVariables",
        "python": "python",
        "docker": "docker",
        "spark": "spark",
        "databricks": "databricks",
        "r": "r",
        "inferencing_stack_version": "inferencingStackVersion",
        "asset_id": "assetId",
    }
    _elements: ClassVar = {
        "python": PythonSection,
        "docker": DockerSection,
        "spark": SparkSection,
        "databricks": DatabricksSection,
    }
    Name = str

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"An environment's name is text, not {type(name).__name__}.")
        self.name = name
        self.version: str | None = None
        self.environment_variables: dict[str, str] = {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"}
        self.python = PythonSection()
        self.docker = DockerSection()
        self.spark = SparkSection()
        self.databricks = DatabricksSection()
        self.r: Any = None
        self.inferencing_stack_version: str | None = None
        self.asset_id: str | None = None
        self._arm()
        for key, value in kwargs.items():
            setattr(self, key, value)

    @staticmethod
    def from_conda_specification(name: str, file_path: str) -> Environment:
        """Return an environment from a conda specification file; v1's default Python is added where it names none."""
        environment = Environment(name)
        dependencies = CondaDependencies(file_path)
        if dependencies.python_version is None and "python" not in dependencies._conda():
            notice(f"{file_path} names no Python: {CREATE_PYTHON} is asked for, as v1 does.")
            dependencies._document.setdefault("dependencies", []).insert(0, f"python={CREATE_PYTHON}")
        environment.python.conda_dependencies = dependencies
        return environment

    @staticmethod
    def from_pip_requirements(name: str, file_path: str, pip_version: str | None = None) -> Environment:
        """Return an environment from a requirements file, whose lines are taken verbatim (v1)."""
        environment = Environment(name)
        _take_requirements(environment, _requirement_lines(file_path), pip_version)
        return environment

    @staticmethod
    def from_docker_image(
        name: str,
        image: str,
        container_registry: ContainerRegistry | None = None,
        conda_specification: str | None = None,
        pip_requirements: str | None = None,
    ) -> Environment:
        """Return an environment on an image: user-managed, unless packages are to be put on it."""
        environment = Environment(name)
        environment.docker.base_image = image
        if container_registry is not None:
            environment.docker.base_image_registry = container_registry
        _take_packages(environment, conda_specification, pip_requirements)
        return environment

    @staticmethod
    def from_dockerfile(
        name: str,
        dockerfile: Any,
        conda_specification: str | None = None,
        pip_requirements: str | None = None,
    ) -> Environment:
        """Return an environment from a Dockerfile: its text, or the path of a file."""
        environment = Environment(name)
        text = dockerfile_text(dockerfile)
        environment.docker.base_image = None
        environment.docker.base_dockerfile = text
        _take_packages(environment, conda_specification, pip_requirements)
        return environment

    @staticmethod
    def from_docker_build_context(name: str, docker_build_context: DockerBuildContext) -> Environment:
        """Return an environment from a folder with a Dockerfile; it has none of the defaults, as in v1."""
        environment = Environment(name)
        environment.environment_variables = {}
        environment.python.conda_dependencies = None
        environment.docker.shm_size = None
        environment.docker.base_image = None
        environment.docker.build_context = docker_build_context
        return environment

    @staticmethod
    def get(workspace: Workspace, name: str, version: str | None = None, label: str | None = None) -> Environment:
        """Return a registered environment: of a version, or the latest.

        Raises
        ------
        UserErrorException
            Both ``version`` and ``label`` are given, or there is no such environment.
        """
        if version is not None and label is not None:
            raise UserErrorException("Give a version or a label, not both.")
        versions = _versions(workspace, name)
        wanted = str(version) if version is not None else (versions[-1] if versions else "")
        if wanted not in versions:
            known = ", ".join(sorted(Environment.list(workspace))) or "none yet"
            which = f" version {version}" if version is not None else ""
            raise UserErrorException(
                f"There is no environment {name!r}{which} in {workspace.name!r}. Registered: {known}."
            )
        record = read_record(_file(workspace, name, wanted), EnvironmentRecord)
        assert record is not None  # noqa: S101 - its version was listed
        environment = Environment._from_dict(record.definition)
        environment.version = wanted
        return environment

    @staticmethod
    def list(workspace: Workspace) -> dict[str, Environment]:
        """Return the latest version of every registered environment, by name."""
        folder = workspace._paths.environments / "registered"
        names = sorted(unquote(one.name) for one in folder.iterdir()) if folder.is_dir() else []
        return {name: Environment.get(workspace, name) for name in names}

    def register(self, workspace: Workspace) -> Environment:
        """Keep this definition under its name; return it with its version.

        The same definition keeps its version; a changed one gets the next (v1).

        Raises
        ------
        UserErrorException
            The name is missing or not legal.
        """
        name = check_name(self.name)
        definition = self._definition()
        while True:
            version, is_new = self._version_in(workspace)
            if not is_new:
                return Environment.get(workspace, name, version)
            record = EnvironmentRecord(name=name, version=version, created=time.time(), definition=definition)
            if write_once(_file(workspace, name, version), encode(record)):
                return Environment.get(workspace, name, version)

    def _version_in(self, workspace: Workspace) -> tuple[str, bool]:
        """Return the version that this definition has or would get, and whether that one would be new."""
        versions = _versions(workspace, self.name or "")
        if not versions:
            return "1", True
        latest = Environment.get(workspace, self.name or "", versions[-1])
        is_new = latest._definition() != self._definition()
        return str(int(versions[-1]) + is_new), is_new

    def clone(self, new_name: str) -> Environment:
        """Return a copy under another name, unregistered."""
        if not new_name:
            raise UserErrorException("The copy of an environment needs a name.")
        twin = copy.deepcopy(self)
        twin.name, twin.version, twin.asset_id = new_name, None, None
        return twin

    def __repr__(self) -> str:
        return json.dumps(_without_password(self._to_dict()), indent=4, sort_keys=True)

    def __str__(self) -> str:
        return f"Environment(Name: {self.name},\nVersion: {self.version})"

    def _definition(self) -> dict[str, Any]:
        """Return what is kept: everything but the version and the password."""
        return _without_password({**self._to_dict(), "version": None})

    def _asks_for_image(self) -> bool:
        """Tell whether a particular image is asked for, which only a container engine can give."""
        docker = self.docker
        default = docker.base_image in (None, DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE)
        return not default or bool(docker.base_dockerfile or docker.build_context or docker.base_image_registry.address)


def check_name(name: str | None) -> str:
    """Return a name, unless an environment cannot be registered under it.

    Raises
    ------
    UserErrorException
        The name is missing or not legal.
    """
    if not name or not _NAME.match(name):
        raise UserErrorException(
            f"{name!r} cannot be an environment's name: use letters, digits, '-', '.' and '_', up to 255."
        )
    return name


def _without_password(definition: dict[str, Any]) -> dict[str, Any]:
    definition["docker"]["baseImageRegistry"]["password"] = None
    return definition


def _requirement_lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise UserErrorException(f"The requirements file {path} cannot be read: {error.strerror}.") from error


def _take_requirements(environment: Environment, lines: list[str], pip_version: str | None = None) -> None:
    dependencies = CondaDependencies()
    dependencies.set_pip_requirements(lines)
    dependencies.add_conda_package(f"pip={pip_version}" if pip_version else "pip")
    environment.python.conda_dependencies = dependencies


def _take_packages(environment: Environment, conda_specification: str | None, pip_requirements: str | None) -> None:
    if conda_specification and pip_requirements:
        raise UserErrorException("Give a conda specification or pip requirements, not both.")
    if conda_specification:
        environment.python.conda_dependencies = CondaDependencies(conda_specification)
    elif pip_requirements:
        _take_requirements(environment, _requirement_lines(pip_requirements))
    else:
        environment.python.user_managed_dependencies = True


def _file(workspace: Workspace, name: str, version: str) -> Path:
    return workspace._paths.environments / "registered" / quote(name, safe="") / f"{version}.json"


def registered_version(workspace: Workspace, definition: dict[str, Any], masked: Collection[str] = ()) -> str | None:
    """Return the latest version under which a definition is registered.

    Parameters
    ----------
    workspace
        The workspace.
    definition
        As a run keeps it.
    masked
        Environment variables whose values it does not hold.
    """

    def shown(one: dict[str, Any]) -> dict[str, Any]:
        variables = one.get("environmentVariables") or {}
        return {**one, "environmentVariables": {name: variables[name] for name in variables if name not in masked}}

    name = str(definition["name"])
    for version in reversed(_versions(workspace, name)):
        if shown(Environment.get(workspace, name, version)._definition()) == shown(definition):
            return version
    return None


def _versions(workspace: Workspace, name: str) -> list[str]:
    def found() -> Iterator[str]:
        folder = _file(workspace, name, "0").parent
        if folder.is_dir():
            yield from (file.stem for file in folder.iterdir() if file.suffix == ".json" and file.stem.isdigit())

    return sorted(found(), key=int)
