"""What an environment says: its sections, and the ways to say it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from jupyter_ext.core.element import Element
from jupyter_ext.core.notices import notice
from jupyter_ext.core.submission import hidden
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.default_images import DEFAULT_IMAGES

from . import conda_program
from . import files as environment_files
from .conda_dependencies import CREATE_PYTHON, CondaDependencies
from .parts import (
    DatabricksSection,
    DockerBuildContext,
    DockerSection,
    PythonSection,
    SparkSection,
    dockerfile_text,
)

if TYPE_CHECKING:
    from typing_extensions import Self

    from .container_registry import ContainerRegistry


class Definition(Element):
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

    # from what there is

    @classmethod
    def from_conda_specification(cls, name: str, file_path: str) -> Self:
        """Return an environment from a conda specification file; v1's default Python is added where it names none."""
        environment = cls(name)
        dependencies = CondaDependencies(file_path)
        if dependencies.python_version is None and "python" not in dependencies._conda():
            notice(f"{file_path} names no Python: {CREATE_PYTHON} is asked for, as v1 does.")
            dependencies._document.setdefault("dependencies", []).insert(0, f"python={CREATE_PYTHON}")
        environment.python.conda_dependencies = dependencies
        return environment

    @classmethod
    def from_pip_requirements(cls, name: str, file_path: str, pip_version: str | None = None) -> Self:
        """Return an environment from a requirements file, whose lines are taken verbatim (v1)."""
        environment = cls(name)
        _take_requirements(environment, _requirement_lines(file_path), pip_version)
        return environment

    @classmethod
    def from_existing_conda_environment(cls, name: str, conda_environment_name: str) -> Self | None:
        """Return an environment like one that conda has made here; None, with the reason printed, without it (v1)."""
        document = conda_program.exported(conda_environment_name)
        if document is None:
            return None
        environment = cls(name)
        environment.python.conda_dependencies = CondaDependencies(_underlying_structure=document)
        return environment

    @classmethod
    def from_docker_image(
        cls,
        name: str,
        image: str,
        container_registry: ContainerRegistry | None = None,
        conda_specification: str | None = None,
        pip_requirements: str | None = None,
    ) -> Self:
        """Return an environment on an image: user-managed, unless packages are to be put on it."""
        environment = cls(name)
        environment.docker.base_image = image
        if container_registry is not None:
            environment.docker.base_image_registry = container_registry
        _take_packages(environment, conda_specification, pip_requirements)
        return environment

    @classmethod
    def from_dockerfile(
        cls,
        name: str,
        dockerfile: Any,
        conda_specification: str | None = None,
        pip_requirements: str | None = None,
    ) -> Self:
        """Return an environment from a Dockerfile: its text, or the path of a file."""
        environment = cls(name)
        text = dockerfile_text(dockerfile)
        environment.docker.base_image = None
        environment.docker.base_dockerfile = text
        _take_packages(environment, conda_specification, pip_requirements)
        return environment

    @classmethod
    def from_docker_build_context(cls, name: str, docker_build_context: DockerBuildContext) -> Self:
        """Return an environment from a folder with a Dockerfile; it has none of the defaults, as in v1."""
        environment = cls(name)
        environment.environment_variables = {}
        environment.python.conda_dependencies = None
        environment.docker.shm_size = None
        environment.docker.base_image = None
        environment.docker.build_context = docker_build_context
        return environment

    @classmethod
    def load_from_directory(cls, path: str) -> Self:
        """Return the environment that :meth:`save_to_directory` has written into a folder."""
        return cls._from_dict(environment_files.load(path))

    def save_to_directory(self, path: str, overwrite: bool = False) -> None:
        """Write the definition into a folder; secret values are left out.

        Raises
        ------
        FileExistsError
            The folder is there, and ``overwrite`` is False.
        """
        environment_files.save(hidden.masked(self._to_dict()), path, overwrite=overwrite)
        hidden.tell(self)

    def clone(self, new_name: str) -> Self:
        """Return a copy under another name, unregistered."""
        if not new_name:
            raise UserErrorException("The copy of an environment needs a name.")
        twin = copy.deepcopy(self)
        twin.name, twin.version, twin.asset_id = new_name, None, None
        return twin

    def __repr__(self) -> str:
        return json.dumps(hidden.masked(self._to_dict()), indent=4, sort_keys=True)

    def __str__(self) -> str:
        return f"Environment(Name: {self.name},\nVersion: {self.version})"

    def _definition(self) -> dict[str, Any]:
        """Return what is kept: everything but the version and what is secret."""
        return hidden.masked({**self._to_dict(), "version": None})

    def _to_build(self) -> dict[str, Any]:
        """Return what a build is given: the definition, with the passwords of its indexes and channels."""
        definition = self._definition()
        definition["python"] = self.python._to_dict()
        return definition

    def _asks_for_image(self) -> bool:
        """Tell whether a particular image is asked for, which only a container engine can give."""
        docker = self.docker
        default = docker.base_image in (None, *DEFAULT_IMAGES)
        return not default or bool(docker.base_dockerfile or docker.build_context or docker.base_image_registry.address)


def _requirement_lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise UserErrorException(f"The requirements file {path} cannot be read: {error.strerror}.") from error


def _take_requirements(environment: Definition, lines: list[str], pip_version: str | None = None) -> None:
    dependencies = CondaDependencies()
    dependencies.set_pip_requirements(lines)
    dependencies.add_conda_package(f"pip={pip_version}" if pip_version else "pip")
    environment.python.conda_dependencies = dependencies


def _take_packages(environment: Definition, conda_specification: str | None, pip_requirements: str | None) -> None:
    if conda_specification and pip_requirements:
        raise UserErrorException("Give a conda specification or pip requirements, not both.")
    if conda_specification:
        environment.python.conda_dependencies = CondaDependencies(conda_specification)
    elif pip_requirements:
        _take_requirements(environment, _requirement_lines(pip_requirements))
    else:
        environment.python.user_managed_dependencies = True
