"""An environment of a workspace: registered, built, and what it was built to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.core.notices import notice
from jupyter_ext.core.submission import hidden
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.default_images import DEFAULT_GPU_IMAGE

from . import curated, wheels
from . import versions as registered
from .definition import Definition

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.workspace import Workspace

    from .building import DockerImageDetails, ImageBuildDetails
    from .conda_dependencies import CondaDependencies


class Environment(Definition):
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

    @staticmethod
    def add_private_pip_wheel(workspace: Workspace, file_path: str, exist_ok: bool = False) -> str:
        """Keep a wheel with the workspace; return the address under which pip installs it."""
        return wheels.add(workspace._paths, file_path, exist_ok=exist_ok)

    @staticmethod
    def get(workspace: Workspace, name: str, version: str | None = None, label: str | None = None) -> Environment:
        """Return a registered or a curated environment: of a version, of a label, or the latest.

        Raises
        ------
        UserErrorException
            Both ``version`` and ``label`` are given, or there is no such environment.
        """
        if version is not None and label is not None:
            raise UserErrorException("Give a version or a label, not both.")
        versions = registered.versions(workspace._paths, name)
        if not versions and (dependencies := curated.dependencies_of(name)):
            return _curated(name, dependencies)
        wanted = versions[-1] if versions else ""
        if label is not None:
            wanted = registered.labels(workspace._paths, name).get(label, "")
        elif version is not None:
            wanted = str(version)
        if wanted not in versions:
            raise UserErrorException(_not_there(workspace, name, version, label, versions))
        record = registered.read(workspace._paths, name, wanted)
        assert record is not None  # noqa: S101 - its version was listed
        environment = Environment._from_dict(record.definition)
        environment.version = wanted
        hidden.give_back(registered.file_of(workspace._paths, name, wanted), environment)
        return environment

    @staticmethod
    def list(workspace: Workspace) -> dict[str, Environment]:
        """Return the latest version of every environment by name: those registered, and a curated one of each kind."""
        names = dict.fromkeys([*registered.names(workspace._paths), *curated.EXAMPLES])
        return {name: Environment.get(workspace, name) for name in names}

    @staticmethod
    def label(workspace: Workspace, name: str, version: str, labels: Any) -> None:
        """Let labels point to a version; a label that pointed to another version moves.

        Raises
        ------
        UserErrorException
            There is no such version, or a label is not legal.
        """
        Environment.get(workspace, name, version)
        given = [labels] if isinstance(labels, str) else [*labels]
        registered.add_labels(workspace._paths, name, str(version), given)

    def register(self, workspace: Workspace) -> Environment:
        """Keep this definition under its name; return it with its version.

        The same definition keeps its version; a changed one gets the next (v1).

        Raises
        ------
        UserErrorException
            The name is missing or not legal, or kept for curated environments.
        """
        name = registered.check_name(self.name)
        dependencies = curated.dependencies_of(name)
        if dependencies and _curated(name, dependencies)._definition() == self._definition():
            return _curated(name, dependencies)
        curated.check_free(name)
        while True:
            version, is_new = self._version_in(workspace)
            if is_new and not registered.add(workspace._paths, name, version, self._definition()):
                continue
            hidden.remember(registered.file_of(workspace._paths, name, version), self)
            if is_new:
                hidden.tell(self)
            return Environment.get(workspace, name, version)

    def _registered_as(self, workspace: Workspace) -> str | None:
        """Return the version that this definition has, where it is registered."""
        if self.version or not self.name:
            return self.version
        version, is_new = self._version_in(workspace)
        return None if is_new else version

    def _version_in(self, workspace: Workspace) -> tuple[str, bool]:
        """Return the version that this definition has or would get, and whether that one would be new."""
        name, definition = self.name or "", self._definition()
        versions = registered.versions(workspace._paths, name)
        if self.version and self.version not in versions:
            return registered.check_version(self.version), True
        asked = [self.version] if self.version in versions else []
        for version in [*asked, *versions[-1:]]:
            record = registered.read(workspace._paths, name, str(version))
            if record is not None and record.definition == definition:
                return str(version), False
        return registered.next_version(workspace._paths, name), True

    # built

    def build(self, workspace: Workspace, image_build_compute: str | None = None) -> ImageBuildDetails:
        """Register this environment and begin to build it; return how that goes on.

        Parameters
        ----------
        workspace
            The workspace.
        image_build_compute
            Accepted as in v1: it is built on this machine.
        """
        from .building import ImageBuildDetails  # noqa: PLC0415 - a build starts processes

        del image_build_compute
        if self.version is None:
            notice(f"{self.name} is registered, to be built.")
        return ImageBuildDetails._begin(self.register(workspace), workspace)

    def build_local(self, workspace: Workspace, platform: Any = None, **kwargs: Any) -> str:
        """Build this environment, which is registered, and print how that goes on; return the log.

        Parameters
        ----------
        workspace
            The workspace.
        platform
            Accepted as in v1: it is built for this machine.
        **kwargs
            ``useDocker``: as an image, rather than a virtual environment. ``pushImageToWorkspaceAcr``: as v1's other
            options, accepted.

        Raises
        ------
        UserErrorException
            It is not registered.
        """
        from .building import ImageBuildDetails  # noqa: PLC0415 - a build starts processes

        del platform
        if self.version is None:
            raise UserErrorException(f"{self.name!r} is not registered: build what register(workspace) returns.")
        details = ImageBuildDetails._begin(self, workspace, container=kwargs.get("useDocker"))
        return details.wait_for_completion(show_output=True).get_log()

    def get_image_details(self, workspace: Workspace) -> DockerImageDetails:
        """Return what is known of the image, or the virtual environment, that this one was built to."""
        from .building import DockerImageDetails  # noqa: PLC0415 - it asks the engine

        return DockerImageDetails._of(self, workspace)


def _curated(name: str, dependencies: CondaDependencies) -> Environment:
    environment = Environment(name)
    environment.version = "1"
    environment.python.conda_dependencies = dependencies
    if curated.wants_gpu(name):
        environment.docker.base_image = DEFAULT_GPU_IMAGE
    return environment


def _not_there(workspace: Workspace, name: str, version: str | None, label: str | None, versions: list[str]) -> str:
    if versions:
        which = f"label {label!r}" if label is not None else f"version {version}"
        there = [*versions, *registered.labels(workspace._paths, name)]
        near = did_you_mean(label, there)
        return f"The environment {name!r} has no {which} in {workspace.name!r}. It has: {', '.join(there)}.{near}"
    names = registered.names(workspace._paths)
    near = did_you_mean(name, [*names, *curated.EXAMPLES])
    if curated.is_curated_name(name):
        return f"There is no curated environment {name!r} here. There are such as: {', '.join(curated.EXAMPLES)}.{near}"
    known = ", ".join(names) or "none yet"
    return f"There is no environment {name!r} in {workspace.name!r}. Registered: {known}.{near} %%aml_env makes one."
