"""Builds of registered environments: begun by ``Environment.build``, and what came of them."""

from __future__ import annotations

import os
import subprocess
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext import build
from jupyter_ext.build.apart import with_password
from jupyter_ext.build.records import Built, Message, Request
from jupyter_ext.core.submission.hidden import MASK
from jupyter_ext.store.own_program import own_program

from .containers import needs_container

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.workspace import Workspace

    from .environment import Environment

_POLL_SECONDS = 0.1
_RUNNING, _SUCCEEDED, _FAILED = "Running", "Succeeded", "Failed"


class ImageBuildDetails:
    """A build that was begun.

    Parameters
    ----------
    environment_client
        The workspace.
    location
        The file in which the build says what happens.
    """

    def __init__(self, environment_client: Workspace, location: str | None = None) -> None:
        self.environment_client = environment_client
        self._messages = Path(location or os.devnull)
        self._process: subprocess.Popen[bytes] | None = None
        self._shown = ""

    @classmethod
    def _begin(
        cls, environment: Environment, workspace: Workspace, container: Any = None, *, force: bool = False
    ) -> ImageBuildDetails:
        definition = environment._to_build()
        container = needs_container(environment) or bool(container)
        build.check(definition, container=container)
        folder = workspace._paths.environments / "builds"
        folder.mkdir(parents=True, exist_ok=True)
        details = cls(workspace, str(folder / f"{uuid.uuid4().hex}.jsonl"))
        password = environment.docker.base_image_registry._found_password()
        details._start(definition, password, container=container, force=force)
        return details

    def _start(self, definition: dict[str, Any], password: str | None, *, container: bool, force: bool) -> None:
        definition, variables = with_password(definition, password)  # type: ignore[assignment]
        root = self.environment_client._paths.environments
        request = Request(definition, container, str(root), force, log=str(self._log), folder=str(Path.cwd()))
        with self._messages.open("wb") as messages, self._messages.with_suffix(".err").open("wb") as errors:
            self._process = subprocess.Popen(
                own_program("build"),
                stdin=subprocess.PIPE,
                stdout=messages,
                stderr=errors,
                env=variables,
                start_new_session=True,
            )
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        with self._process.stdin as stdin:
            stdin.write(msgspec.json.encode(request))
        threading.Thread(target=self._process.wait, daemon=True).start()  # so that its end is noticed

    @property
    def status(self) -> str:
        """``Running``, ``Succeeded`` or ``Failed``."""
        ended = self._process is None or self._process.poll() is not None
        outcome = self._outcome()
        if outcome is not None:
            return _SUCCEEDED if outcome.built is not None else _FAILED
        return _FAILED if ended else _RUNNING

    @property
    def log_url(self) -> str:
        """Where the log is."""
        return self._log.as_uri()

    def get_log(self) -> str:
        """Return what the build has said so far."""
        outcome = self._outcome()
        said = self._log.read_text(errors="replace") if self._log.exists() else ""
        if outcome is not None and outcome.error is not None:
            said += f"{outcome.error.message}\n"
        elif outcome is not None and outcome.built is not None:
            built = outcome.built
            said += f"{built.tag or built.python}: {'up to date' if built.cached else 'built'}\n"
        elif self.status == _FAILED:
            said += self._messages.with_suffix(".err").read_text(errors="replace")
        return said

    def wait_for_completion(self, show_output: bool = True) -> ImageBuildDetails:
        """Wait until the build has ended, however it ends (v1), and return this object.

        Parameters
        ----------
        show_output
            Print each change of the status, and the log as it grows.
        """
        last = ""
        while True:
            status = self.status
            if show_output:
                if status != last:
                    print(f"Image Build Status: {status}\n")  # noqa: T201 - as v1 does
                last = status
                self._show()
            if status != _RUNNING:
                return self
            time.sleep(_POLL_SECONDS)

    def _show(self) -> None:
        log = self.get_log()
        if len(log) > len(self._shown):
            print(log[len(self._shown) :], end="", flush=True)  # noqa: T201 - asked for
            self._shown = log

    @property
    def _log(self) -> Path:
        return self._messages.with_suffix(".log")

    def _outcome(self) -> Message | None:
        """Return the last message, unless it is of what goes on."""
        try:
            last = self._messages.read_bytes().splitlines()[-1]
            message = msgspec.json.decode(last, type=Message)
        except (OSError, IndexError, msgspec.DecodeError):
            return None
        return None if message.progress is not None else message


class DockerImageDetails(dict[str, Any]):
    """What an environment was built to, under v1's keys; a virtual environment has no image."""

    @classmethod
    def _of(cls, environment: Environment, workspace: Workspace) -> DockerImageDetails:
        definition, container = environment._definition(), needs_container(environment)
        built = build.find(definition, container=container, root=workspace._paths.environments)
        registry = environment.docker.base_image_registry
        return cls(
            imageExistsInRegistry=built is not None and built.kind == "image",
            pythonEnvironment={
                "interpreterPath": built.python if built else environment.python.interpreter_path,
                "condaEnvironmentName": None,
                "condaEnvironmentPath": _folder(built),
            },
            dockerImage={
                "name": built.tag if built else None,
                "id": built.image if built else None,
                "registry": {
                    "address": registry.address,
                    "username": registry.username,
                    "password": MASK if registry._found_password() else None,
                },
            },
            ingredients={
                "dockerfile": environment.docker.base_dockerfile,
                "condaSpecification": definition["python"].get("condaDependencies"),
            },
            packages=built.lock if built else [],
        )

    @property
    def image_exist(self) -> bool:
        """Whether the image is there."""
        return bool(self["imageExistsInRegistry"])

    @property
    def image(self) -> dict[str, Any]:
        """The image: its name, its id, its registry."""
        return dict(self["dockerImage"])

    @property
    def repository(self) -> str | None:
        """The image's name."""
        return self["dockerImage"]["name"]  # type: ignore[no-any-return]

    @property
    def registry(self) -> dict[str, Any]:
        """The registry of the base image; its password is never shown."""
        return dict(self["dockerImage"]["registry"])

    @property
    def interpreter_path(self) -> str:
        """The Python that a run uses."""
        return str(self["pythonEnvironment"]["interpreterPath"])

    @property
    def environment_path(self) -> str | None:
        """The folder of the virtual environment, or None."""
        return self["pythonEnvironment"]["condaEnvironmentPath"]  # type: ignore[no-any-return]

    @property
    def dockerfile(self) -> str | None:
        """The Dockerfile, or None where there is none."""
        return self["ingredients"]["dockerfile"]  # type: ignore[no-any-return]


def _folder(built: Built | None) -> str | None:
    return str(Path(built.python).parent.parent) if built is not None and built.kind == "venv" else None
