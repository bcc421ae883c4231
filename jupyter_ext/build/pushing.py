"""Pushes a built image to the registry that the workspace names, so that other machines can pull it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.build import credentials, failures, image_failures, stream
from jupyter_ext.build.definition import Registry
from jupyter_ext.build.pulling import refused
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AuthenticationException, EnvironmentBuildException

if TYPE_CHECKING:
    from jupyter_ext.build.reporter import Reporter
    from jupyter_ext.store.image_registry import ImageRegistry

_UNREACHABLE = "See that the registry can be reached from here, and build again: what it has is not sent twice."


def push(engine: Any, tag: str, registry: ImageRegistry, reporter: Reporter) -> str:
    """Push an image; return the name, with its digest, under which it can be pulled.

    Parameters
    ----------
    engine
        A docker-py client.
    tag
        The image's name here.
    registry
        Where it goes.
    reporter
        Gets the output.

    Raises
    ------
    AuthenticationException
        The registry refused the user name and password.
    EnvironmentBuildException
        It could not be pushed.
    """
    to = Registry(registry.address, registry.username, registry.password_variable)
    name, _, version = tag.rpartition(":")
    repository = f"{registry.address}/{name}"
    from docker.errors import DockerException  # noqa: PLC0415 - loaded with the client

    login = credentials.find(repository, to)
    reporter.step(f"Push {repository}:{version}")
    try:
        engine.api.tag(tag, repository, version)
        events = engine.api.push(repository, version, stream=True, decode=True, auth_config=login)
        reason = stream.follow_transfer(events, reporter, "Pushing")
    except DockerException as error:
        reason = str(getattr(error, "explanation", None) or error)
    if reason is not None:
        raise _failure(f"{repository}:{version}", reason, to, reporter)
    digests = engine.api.inspect_image(tag)["RepoDigests"]
    return next((digest for digest in digests if digest.startswith(f"{repository}@")), f"{repository}:{version}")


def _failure(
    name: str, reason: str, registry: Registry, reporter: Reporter
) -> AuthenticationException | EnvironmentBuildException:
    kept = "The image is built and kept here, but other machines cannot pull it"
    if refused(reason):
        user = f"the user {registry.username!r}" if registry.username else "a push without a user"
        return AuthenticationException(
            f"The registry {registry.address} refused {user}: check the name, the password in "
            f"{credentials.places(registry)}, and that this user may push. {kept}. It said: {reason}"
        )
    return EnvironmentBuildException(
        f"{name} could not be pushed. {_UNREACHABLE} {kept}. The engine said: {reason}",
        step=f"Push {name}",
        log=str(reporter.log),
        kind=image_failures.kind_of(reason) or failures.NO_NETWORK,
        remedy=_UNREACHABLE,
        last_lines=reporter.last_lines,
    )
