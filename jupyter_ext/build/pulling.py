"""Gets the images that an environment starts from, with a registry's password where it needs one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.build import credentials, failures, image_failures, stream
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AuthenticationException, EnvironmentBuildException

if TYPE_CHECKING:
    from jupyter_ext.build.definition import Registry
    from jupyter_ext.build.reporter import Reporter

_PRIVATE = "It is private: name the registry with its user and where its password is."
_UNREACHABLE = "Check that the registry can be reached from this machine, or that its name is right."


def pull(engine: Any, image: str, registry: Registry | None, platform: str | None, reporter: Reporter) -> None:
    """Pull an image that the engine does not have.

    Parameters
    ----------
    engine
        A docker-py client.
    image
        Its whole name.
    registry
        Where private images come from; used for images of that registry only.
    platform
        Such as ``linux/arm64``; None for the engine's own.
    reporter
        Gets the output.

    Raises
    ------
    AuthenticationException
        The registry refused the user name and password.
    EnvironmentBuildException
        The image is not there, or the registry does not answer.
    """
    from docker.errors import DockerException  # noqa: PLC0415 - loaded with the client

    login = credentials.find(image, registry)
    reporter.step(f"Pull {image}")
    name, tag = _split(image)
    try:
        events = engine.api.pull(name, tag, stream=True, decode=True, auth_config=login, platform=platform)
        reason = stream.follow_transfer(events, reporter, "Downloading")
    except DockerException as error:
        reason = str(getattr(error, "explanation", None) or error)
    if reason is not None:
        raise _failure(image, reason, registry if login else None, reporter)


def refused(reason: str) -> bool:
    """Tell whether a registry's words mean that it asks for another user or password."""
    return image_failures.kind_of(reason) == failures.AUTHENTICATION


def _split(image: str) -> tuple[str, str | None]:
    """Return name and tag; a digest stays with the name."""
    name, colon, tag = image.rpartition(":")
    return (name, tag) if colon and "/" not in tag and "@" not in image else (image, None if "@" in image else "latest")


def _failure(
    image: str, reason: str, registry: Registry | None, reporter: Reporter
) -> AuthenticationException | EnvironmentBuildException:
    if registry is not None and refused(reason):
        return AuthenticationException(
            f"The registry {registry.address} refused the user {registry.username!r}: check the name, and "
            f"the password in {credentials.places(registry)}. It said: {reason}"
        )
    kind = image_failures.kind_of(reason) or failures.NO_NETWORK
    remedy = _UNREACHABLE if kind == failures.NO_NETWORK else image_failures.remedy_of(kind)
    remedy = _PRIVATE if kind == failures.AUTHENTICATION else remedy
    return EnvironmentBuildException(
        f"The image {image} cannot be pulled. {remedy} The engine said: {reason}",
        step=f"Pull {image}",
        log=str(reporter.log),
        kind=kind,
        remedy=remedy,
        last_lines=reporter.last_lines,
    )
