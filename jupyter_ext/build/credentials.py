"""Finds what to log in to a registry with: a variable, the system's keyring, or Docker's own credential store."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING

from jupyter_ext.build import dockerfile
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from jupyter_ext.build.definition import Registry

_DOCKER_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})


def find(image: str, registry: Registry | None) -> dict[str, str] | None:
    """Return what to log in with for an image, or None to leave it to Docker's own credential store.

    Raises
    ------
    UserErrorException
        The environment variable that should hold the password is not set.
    """
    if registry is None or not registry.username or _host(image) != _host(f"{registry.address}/image"):
        return None
    password = registry.password
    if not password and registry.password_variable:
        password = os.environ.get(registry.password_variable)
        if not password:
            raise UserErrorException(
                f"The environment variable {registry.password_variable}, which holds the password of the "
                f"registry {registry.address}, is not set: set it before Jupyter starts, or with %env in the "
                "notebook."
            )
    password = password or _from_keyring(registry)
    return {"username": registry.username, "password": password} if password else None


def places(registry: Registry | None) -> str:
    """Return the words that tell where a password is looked for."""
    if registry is not None and registry.password_variable:
        return f"the environment variable {registry.password_variable}"
    login = f"'docker login {registry.address}'" if registry is not None else "'docker login'"
    return f"an environment variable that is named, the keyring, or what {login} has stored"


def _host(image: str) -> str | None:
    host = dockerfile.registry_of(image)
    return None if host in _DOCKER_HUB else host


def _from_keyring(registry: Registry) -> str | None:
    """Return the password that ``keyring set ADDRESS USERNAME`` has stored, where keyring is installed."""
    if importlib.util.find_spec("keyring") is None:
        return None
    import keyring  # noqa: PLC0415 - where a user without a password is named
    from keyring.errors import KeyringError  # noqa: PLC0415 - as above

    try:
        password: str | None = keyring.get_password(registry.address, registry.username or "")
    except KeyringError:  # it is locked, or this machine has none
        return None
    return password
