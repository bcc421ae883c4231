"""Builds an environment in a process of its own, which can be stopped at any moment."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.build import failures
from jupyter_ext.build.records import Failure, Message, Request
from jupyter_ext.runtime.inside.jupyter_aml_run import exceptions
from jupyter_ext.store.own_program import own_environment, own_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from jupyter_ext.build.records import Built, Progress

PASSWORD_VARIABLE = "AML_REGISTRY_PASSWORD"  # noqa: S105 - the name of a variable
_LOOK_SECONDS = 0.2
_STOP_SECONDS = 10


def build_apart(
    definition: Mapping[str, Any],
    *,
    container: bool,
    root: Path,
    report: Callable[[Progress], None],
    look: Callable[[], None] = lambda: None,
    force: bool = False,
    log: Path | None = None,
    folder: Path | None = None,
    password: str | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Built:
    """Build an environment; whatever ``report`` or ``look`` raises, and Ctrl-C, stops the build first.

    Parameters
    ----------
    definition, container, root, report, force, log, folder
        As for :func:`jupyter_ext.build.build`.
    look
        Called a few times a second.
    password
        Of the registry of the base image.
    variables
        Environment variables that the build has on top of ours, such as a password's.

    Raises
    ------
    UserErrorException, EnvironmentBuildException, EngineNotAnswering, AuthenticationException
        As :func:`jupyter_ext.build.build` does.
    """
    definition, environment = with_password(definition, password, variables)
    request = Request(
        dict(definition), container, str(root), force, str(log) if log else None, str(folder) if folder else None
    )
    process = subprocess.Popen(
        own_program("build"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    outcome: Message | None = None
    with process:
        try:
            assert process.stdin is not None  # noqa: S101 - it was asked for
            process.stdin.write(msgspec.json.encode(request))
            process.stdin.close()
            for message in _messages(process, look):
                if message.progress is None:
                    outcome = message
                    break
                report(message.progress)
        except BaseException:
            _stop(process)
            raise
    if outcome is not None:
        return _outcome(outcome)
    raise exceptions.EnvironmentBuildException(
        f"The build ended with exit code {process.returncode} and without a word. Its log: {log or root}."
    )


def _messages(process: subprocess.Popen[bytes], look: Callable[[], None]) -> Iterator[Message]:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    decoder = msgspec.json.Decoder(Message)
    fd, rest = process.stdout.fileno(), b""
    while True:
        look()
        if not select.select([fd], [], [], _LOOK_SECONDS)[0]:
            continue
        data = os.read(fd, 65536)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield decoder.decode(line)


def with_password(
    definition: Mapping[str, Any], password: str | None, variables: Mapping[str, str] = MappingProxyType({})
) -> tuple[Mapping[str, Any], dict[str, str]]:
    """Put the password where no process list shows it: into the build's environment variables."""
    environment = {**own_environment(), **variables}
    if not password:
        return definition, environment
    docker = definition["docker"]
    registry = {**docker["baseImageRegistry"], "password": None, "passwordEnv": PASSWORD_VARIABLE}
    return (
        {**definition, "docker": {**docker, "baseImageRegistry": registry}},
        {**environment, PASSWORD_VARIABLE: password},
    )


def _outcome(message: Message) -> Built:
    """Return what was built, or raise what the build ended with."""
    if message.built is None:
        raise failures.raised(message.error or Failure("RuntimeError", "The build told neither a result nor an error."))
    return message.built


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
