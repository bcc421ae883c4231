"""Gets the images that an environment starts from, with a registry's password where it needs one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import docker.errors

from jupyter_ext.build import dockerfile, stream
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    AuthenticationException,
    EnvironmentBuildException,
    UserErrorException,
)

if TYPE_CHECKING:
    from jupyter_ext.build.definition import Registry
    from jupyter_ext.build.reporter import Reporter

_REFUSED = (
    "unauthorized",
    "authentication required",
    "access denied",
    "no basic auth",
    "incorrect username",
    "denied:",
)
_ABSENT = ("not found", "manifest unknown", "does not exist", "invalid reference")


def pull(engine: Any, image: str, registry: Registry | None, reporter: Reporter) -> None:
    """Pull an image that the engine does not have.

    Parameters
    ----------
    engine
        A docker-py client.
    image
        Its whole name.
    registry
        Where private images come from; used for images of that registry only.
    reporter
        Gets the output.

    Raises
    ------
    AuthenticationException
        The registry refused the user name and password.
    EnvironmentBuildException
        The image is not there, or the registry does not answer.
    """
    login = credentials(image, registry)
    reporter.step(f"Pull {image}")
    try:
        events = engine.api.pull(image, stream=True, decode=True, auth_config=login)
        reason = stream.follow_pull(events, reporter)
    except docker.errors.APIError as error:
        reason = str(error.explanation or error)
    if reason is not None:
        raise _failure(image, reason, registry if login else None, reporter)


def credentials(image: str, registry: Registry | None) -> dict[str, str] | None:
    """Return what to log in with for an image, or None to leave it to Docker's own credential store.

    Raises
    ------
    UserErrorException
        The environment variable that should hold the password is not set.
    """
    if registry is None or not registry.username or dockerfile.registry_of(image) != registry.address:
        return None
    password = registry.password
    if registry.password_variable:
        password = os.environ.get(registry.password_variable)
        if not password:
            raise UserErrorException(
                f"The environment variable {registry.password_variable}, which holds the password of the "
                f"registry {registry.address}, is not set: set it before Jupyter starts, or with %env in the "
                "notebook."
            )
    return {"username": registry.username, "password": password} if password else None


def _failure(
    image: str, reason: str, registry: Registry | None, reporter: Reporter
) -> AuthenticationException | EnvironmentBuildException:
    plain = reason.lower()
    if registry is not None and any(word in plain for word in _REFUSED):
        variable = registry.password_variable
        where = f" in the environment variable {variable}" if variable else ""
        return AuthenticationException(
            f"The registry {registry.address} refused the user {registry.username!r}: check the name, and "
            f"the password{where}. It said: {reason}"
        )
    if any(word in plain for word in _ABSENT):
        remedy = "There is no such image or tag, or it is private: check the name, or name the registry's user"
    elif any(word in plain for word in _REFUSED):
        remedy = "It is private: name the registry with its user and where its password is"
    else:
        remedy = "Check that the registry can be reached from this machine, or that its name is right"
    return EnvironmentBuildException(
        f"The image {image} cannot be pulled. {remedy}. The engine said: {reason}",
        step=f"Pull {image}",
        log=str(reporter.log),
    )
