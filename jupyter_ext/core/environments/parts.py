"""The parts of an environment: its image, its Python, and what v1's definitions also have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from jupyter_ext.core.element import Element, camel_keys
from jupyter_ext.core.notices import notice
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.default_images import DEFAULT_CPU_IMAGE

from .conda_dependencies import CondaDependencies
from .container_registry import ContainerRegistry

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.workspace import Workspace

_INSTRUCTION = re.compile(r"\s*(#|(FROM|ARG)\s)", re.IGNORECASE)
_IMAGE_SOURCES = ("base_image", "base_dockerfile", "build_context")


class DockerImagePlatform(Element):
    """The platform of an image."""

    _keys: ClassVar = {"os": "os", "architecture": "architecture"}

    def __init__(self, os: str = "Linux", architecture: str = "amd64") -> None:
        self.os = os
        self.architecture = architecture


class DockerBuildContext(Element):
    """A folder with a Dockerfile in it, to build an image from."""

    _keys: ClassVar = {
        "location_type": "locationType",
        "location": "location",
        "dockerfile_path": "dockerfilePath",
    }

    def __init__(
        self,
        location_type: str | None = None,
        location: str | None = None,
        dockerfile_path: str = "Dockerfile",
    ) -> None:
        self.location_type = location_type
        self.location = location
        self.dockerfile_path = dockerfile_path
        self._arm()

    @staticmethod
    def from_local_directory(
        workspace: Workspace, path: str, dockerfile_path: str = "Dockerfile"
    ) -> DockerBuildContext:
        """Return a folder of this machine as a build context.

        v1 sends it at once, and all its files into one folder. Here it stays where it is, each build reads it anew, and
        what its ``.dockerignore`` names stays out.

        Parameters
        ----------
        workspace
            Accepted as in v1.
        path
            The folder.
        dockerfile_path
            Where in it the Dockerfile is.

        Raises
        ------
        UserErrorException
            The folder, or the Dockerfile in it, is not there.
        """
        del workspace
        folder = Path(path).expanduser().absolute()
        if not folder.is_dir():
            what = "a file" if folder.is_file() else "not there"
            raise UserErrorException(f"The build context {folder} is {what}: name a folder with a Dockerfile in it.")
        if not (folder / dockerfile_path).is_file():
            raise UserErrorException(
                f"There is no {dockerfile_path} in {folder}: dockerfile_path is relative to the folder."
            )
        return DockerBuildContext("local", str(folder), dockerfile_path)


class PythonSection(Element):
    """The Python of an environment.

    Attributes
    ----------
    user_managed_dependencies
        Nothing is installed: the image, or the interpreter, has everything.
    interpreter_path
        The Python of a user-managed environment.
    conda_dependencies
        What is installed otherwise.
    exact
        (ours) Only the very Python that is asked for will do: where it cannot be had, nothing is built.
    """

    _keys: ClassVar = {
        "user_managed_dependencies": "userManagedDependencies",
        "interpreter_path": "interpreterPath",
        "conda_dependencies_file": "condaDependenciesFile",
        "_base_conda_environment": "baseCondaEnvironment",
    }

    def __init__(self, **given: Any) -> None:
        self.user_managed_dependencies = False
        self.interpreter_path = "python"
        self.conda_dependencies_file: str | None = None
        self._base_conda_environment: str | None = None
        self.conda_dependencies: CondaDependencies | None = CondaDependencies()
        self.exact = False
        self._arm()
        for name, value in given.items():
            setattr(self, name, value)

    def _to_dict(self) -> dict[str, Any]:
        document = super()._to_dict()
        if self.conda_dependencies is not None:
            document["condaDependencies"] = self.conda_dependencies.as_dict()
        if self.exact:
            document["pythonExact"] = True
        return document

    def _fill(self, data: dict[str, Any]) -> None:
        super()._fill(data)
        given = camel_keys(data)
        self.exact = bool(given.get("pythonExact"))
        dependencies = given.get("condaDependencies")
        self.conda_dependencies = CondaDependencies(_underlying_structure=dependencies) if dependencies else None


class DockerSection(Element):
    """The image of an environment: a base image, a Dockerfile, or a build context; setting one unsets the others."""

    _keys: ClassVar = {
        "enabled": "enabled",
        "base_image": "baseImage",
        "base_dockerfile": "baseDockerfile",
        "build_context": "buildContext",
        "shared_volumes": "sharedVolumes",
        "shm_size": "shmSize",
        "arguments": "arguments",
        "base_image_registry": "baseImageRegistry",
        "platform": "platform",
    }
    _elements: ClassVar = {
        "build_context": DockerBuildContext,
        "base_image_registry": ContainerRegistry,
        "platform": DockerImagePlatform,
    }

    def __init__(self, **kwargs: Any) -> None:
        self._sources: dict[str, Any] = dict.fromkeys(_IMAGE_SOURCES)
        self._sources["base_image"] = DEFAULT_CPU_IMAGE
        self.enabled = kwargs.get("enabled", False)
        self.shared_volumes = True
        self.shm_size: str | None = "2g"
        self.arguments: list[str] = kwargs.get("arguments") or []
        self.base_image_registry = ContainerRegistry()
        self.platform = DockerImagePlatform()
        self._arm()

    @property
    def base_image(self) -> str | None:
        """The image that ranks run in, or that packages are put on."""
        value: str | None = self._sources["base_image"]
        return value

    @base_image.setter
    def base_image(self, value: str | None) -> None:
        self._set_source("base_image", value)

    @property
    def base_dockerfile(self) -> str | None:
        """The text of a Dockerfile. Set it to text, to a file's path, or to an open file (v1)."""
        value: str | None = self._sources["base_dockerfile"]
        return value

    @base_dockerfile.setter
    def base_dockerfile(self, value: Any) -> None:
        self._set_source("base_dockerfile", dockerfile_text(value))

    @property
    def build_context(self) -> DockerBuildContext | None:
        """A folder with a Dockerfile."""
        value: DockerBuildContext | None = self._sources["build_context"]
        return value

    @build_context.setter
    def build_context(self, value: DockerBuildContext | None) -> None:
        self._set_source("build_context", value)

    @property
    def gpu_support(self) -> bool:
        """Always True, as in v1: GPUs are given to a container where the machine has them."""
        return True

    @gpu_support.setter
    def gpu_support(self, value: bool) -> None:
        del value

    def _set_source(self, name: str, value: Any) -> None:
        if value:
            for other in _IMAGE_SOURCES:
                if other != name and self._sources[other]:
                    notice(f"docker.{other} is unset, as docker.{name} is set.")
                    self._sources[other] = None
        self._sources[name] = value or None

    def _fill(self, data: dict[str, Any]) -> None:
        given = camel_keys(data)
        context = given.pop("buildContext", None)
        sources = {"base_image": given.pop("baseImage", None), "base_dockerfile": given.pop("baseDockerfile", None)}
        super()._fill(given)
        self._sources = {
            **sources,
            "build_context": DockerBuildContext._from_dict(context) if context else None,
        }


class SparkSection(Element):
    """Kept for v1's definitions; runs here do not use Spark."""

    _keys: ClassVar = {
        "repositories": "repositories",
        "packages": "packages",
        "precache_packages": "precachePackages",
    }

    def __init__(self) -> None:
        self.repositories: list[Any] = []
        self.packages: list[Any] = []
        self.precache_packages = True
        self._arm()


class DatabricksSection(Element):
    """Kept for v1's definitions; runs here do not use Databricks."""

    _keys: ClassVar = {
        "maven_libraries": "mavenLibraries",
        "pypi_libraries": "pypiLibraries",
        "rcran_libraries": "rcranLibraries",
        "jar_libraries": "jarLibraries",
        "egg_libraries": "eggLibraries",
    }

    def __init__(self) -> None:
        self.maven_libraries: list[Any] = []
        self.pypi_libraries: list[Any] = []
        self.rcran_libraries: list[Any] = []
        self.jar_libraries: list[Any] = []
        self.egg_libraries: list[Any] = []
        self._arm()


def dockerfile_text(value: Any) -> str | None:
    """Return the text of a Dockerfile that is given as text, as a file's path, or as an open file (v1).

    Raises
    ------
    UserErrorException
        It is a path, and no file is there. v1 takes the path itself for the Dockerfile's text.
    """
    if value is None or value == "":
        return None
    if hasattr(value, "read"):
        text = value.read()
        return text.decode() if isinstance(text, bytes) else str(text)
    text = str(value)
    if "\n" in text or _INSTRUCTION.match(text):
        return text
    try:
        return Path(text).expanduser().read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UserErrorException(
            f"The Dockerfile {text!r} cannot be read ({why}; relative paths start in {Path.cwd()}): give the path of a "
            "file that is there, or a Dockerfile's text, which begins with FROM."
        ) from error
