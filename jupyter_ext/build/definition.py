"""Reads a serialised environment: what of it affects the build, and what cannot be built."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_ext.build import conda_channels, contexts, dockerfile, requirements
from jupyter_ext.build.conda_channels import Channels
from jupyter_ext.build.reporter import clean
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.data.addresses import has_user

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jupyter_ext.build.contexts import Context
    from jupyter_ext.build.requirements import Requirements

_USUAL_PLATFORM = "linux/amd64"  # v1's default, which nobody has written: the engine's own is meant
_DEFAULT_DOCUMENT = "project_environment"  # v1's name for the conda document that nobody has written
_DEFAULT_PYTHONS = ("3.8.13", "3.10.18")  # of CondaDependencies() and of CondaDependencies.create()
_LOST = re.compile(r"://\*+@|/t/\*+")
_CONDA_PACKAGE = re.compile(r"(?:[^:\s]+::)?([A-Za-z0-9_.-]+)\s*(.*)")


@dataclass(frozen=True)
class Registry:
    """Where a private image comes from.

    Parameters
    ----------
    address
        The registry's host, with its port where it has one.
    username
        Who pulls, or None.
    password_variable
        The name of the environment variable that holds the password, or None.
    password
        The password itself, where the definition had it: used, never stored.
    """

    address: str
    username: str | None = None
    password_variable: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Registry({self.address!r}, {self.username!r}, {self.password_variable!r})"


@dataclass(frozen=True)
class Asked:
    """What a definition asks for.

    Parameters
    ----------
    name
        The environment's name: it names the image, and affects nothing else.
    container
        Whether an image is wanted.
    user_managed
        Whether nothing is to be installed.
    interpreter
        The Python to use where the user looks after it.
    python
        The version asked for, as conda writes it; None where none was.
    default_python
        Whether v1 filled the version in by itself.
    pip
        The packages to install from the package index.
    conda
        The packages to install from conda's channels, as match specifications; Python is not among them.
    channels
        Those channels.
    exact
        Whether a Python near the one asked for will not do.
    variables
        What the conda specification sets while the environment is used.
    image, dockerfile, context, registry, platform
        What an image is made from; ``dockerfile`` is the text of the context's too.
    """

    name: str
    container: bool
    user_managed: bool
    interpreter: str
    python: str | None
    default_python: bool
    pip: Requirements
    conda: tuple[str, ...] = ()
    channels: Channels = field(default_factory=lambda: Channels(()))
    exact: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    image: str | None = None
    dockerfile: str | None = None
    context: Context | None = None
    registry: Registry | None = None
    platform: str | None = None

    @property
    def lost_password(self) -> str | None:
        """An address whose password was not kept with the definition, or None."""
        addresses = (*self.pip.effective, *self.channels.addresses)
        return next((clean(address) for address in addresses if _LOST.search(address)), None)

    @property
    def notes(self) -> list[str]:
        """What the user should know before anything is built."""
        if not self.pip.left_out:
            return []
        return [f"Left out, since every run provides them: {', '.join(self.pip.left_out)}"]


def read(definition: Mapping[str, Any], *, container: bool, folder: Path) -> Asked:
    """Read a definition and refuse what cannot be built.

    Parameters
    ----------
    definition
        An environment as v1 serialises it.
    container
        Whether an image is wanted, rather than a virtual environment.
    folder
        Where relative paths in requirement lines start.

    Raises
    ------
    UserErrorException
        The definition asks for what cannot be built; the message tells the remedy.
    """
    python = definition.get("python") or {}
    user_managed = bool(python.get("userManagedDependencies"))
    document = {} if user_managed else python.get("condaDependencies") or {}
    version, conda, pip = _packages(document)
    default_python = not conda and _is_default(document, version)  # a channel has what v1's default names
    asked = Asked(
        name=str(definition.get("name") or "environment"),
        container=container,
        user_managed=user_managed,
        interpreter=str(python.get("interpreterPath") or "python"),
        python=None if default_python else version,
        default_python=default_python,
        pip=requirements.read(pip, folder),
        conda=conda,
        channels=conda_channels.read(document.get("channels"), folder),
        exact=bool(python.get("pythonExact")),
        variables={str(name): str(value) for name, value in (document.get("variables") or {}).items()},
    )
    if container:
        return _with_image(asked, definition.get("docker") or {}, folder)
    requirements.for_uv(asked.pip)
    return asked


def _packages(document: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...], list[str]]:
    """Return the Python version, the conda packages and the pip lines of a conda document."""
    version: str | None = None
    pip: list[str] = []
    conda: list[str] = []
    for entry in document.get("dependencies") or []:
        if isinstance(entry, dict):
            pip += [str(line) for line in entry.get("pip") or []]
            continue
        name, constraint = _conda_package(str(entry))
        if name == "python":
            version = constraint or None
        elif requirements.is_provided(name):
            pip.append(str(entry))  # where it is left out as the others are
        else:
            conda.append(str(entry).strip())
    if all(_conda_package(entry)[0] == "pip" for entry in conda):  # where nothing else is conda's, neither is pip
        return version, (), [*pip, *(_as_pip(*_conda_package(entry)) for entry in conda)]
    return version, tuple(conda), pip


def _is_default(document: Mapping[str, Any], version: str | None) -> bool:
    """Tell whether v1 wrote the Python version, and not the user."""
    return document.get("name") == _DEFAULT_DOCUMENT and version in _DEFAULT_PYTHONS


def _conda_package(entry: str) -> tuple[str, str]:
    match = _CONDA_PACKAGE.fullmatch(entry.strip())
    if match is None:
        raise UserErrorException(f"{entry!r} is not a conda package: write it as 'name' or 'name=version'.")
    return match.group(1).lower(), match.group(2).strip().removeprefix("=").removeprefix("=").strip()


def _as_pip(name: str, constraint: str) -> str:
    if not constraint or constraint[0] in "<>!~":
        return name + constraint
    return f"{name}=={constraint.split('=', maxsplit=1)[0]}"


def _with_image(asked: Asked, docker: Mapping[str, Any], folder: Path) -> Asked:
    section = docker.get("buildContext")
    context = contexts.read(section, folder) if section else None
    text = context.text if context else docker.get("baseDockerfile")
    if not text and not docker.get("baseImage"):
        raise UserErrorException(
            f"The environment {asked.name!r} names no image: set env.docker.base_image or env.docker.base_dockerfile."
        )
    secret = next((line for line in asked.pip.effective if has_user(line)), None)
    if secret:
        raise UserErrorException(
            f"An image would keep the password in {clean(secret)!r}, for all who have it: use a virtual "
            "environment, or a base image in which the package is already."
        )
    registry = _registry(docker.get("baseImageRegistry") or {})
    image = None if text else _full_name(str(docker["baseImage"]), registry)
    if text:
        dockerfile.check(str(text), context.folder if context else None)
    return replace(
        asked,
        image=image,
        dockerfile=str(text) if text else None,
        context=context,
        registry=registry,
        platform=_platform(docker.get("platform") or {}),
    )


def _platform(section: Mapping[str, Any]) -> str | None:
    name = f"{section.get('os') or 'Linux'}/{section.get('architecture') or 'amd64'}".lower()
    return None if name == _USUAL_PLATFORM else name


def _registry(section: Mapping[str, Any]) -> Registry | None:
    address = section.get("address")
    if not address:
        return None
    plain = str(address).removeprefix("https://").removeprefix("http://").rstrip("/")
    return Registry(plain, section.get("username"), section.get("passwordEnv"), section.get("password"))


def _full_name(image: str, registry: Registry | None) -> str:
    """Put the registry's address before an image that names no registry itself, as v1 does."""
    if registry is None or dockerfile.registry_of(image) is not None:
        return image
    return f"{registry.address}/{image}"
