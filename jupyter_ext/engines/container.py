"""A node whose ranks run in a container of this machine's engine."""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EngineNotAnswering, UserErrorException
from jupyter_ext.store.locks import is_locked
from jupyter_ext.store.queueing.nvml import gpu_count, visible_gpus
from jupyter_ext.store.records import LaunchSpec, read_record, user_name

from . import docker_engine, engine_address
from .docker_arguments import container_options
from .polling import Polling
from .process import RUNTIME
from .run_network import node_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docker import DockerClient

    from jupyter_ext.store.paths import RunPaths

RUN_DIR = "/aml/run"
RUNTIME_DIR = "/aml/runtime"
_NO_GPU_DRIVER = "could not select device driver"  # the engine has no NVIDIA container toolkit
# an image may call its Python either way
_START = (
    f'for python in "$0" python python3; do command -v "$python" >/dev/null 2>&1 && '
    f'exec "$python" -I -S {RUNTIME_DIR}/launcher.py {RUN_DIR} "$1"; done; '
    'echo "This image has no Python." >&2; exit 127'
)


@functools.cache
def connected(address: str) -> DockerClient:
    """Return this process's client for the engine at ``address``; a spare runner has it ready before there is a run."""
    del address  # it is the key: what the client connects to is the same
    return docker_engine.client()


class ContainerNode:
    """One node of a run: a container whose main process is the launcher.

    Parameters
    ----------
    paths
        The run; its directory is the container's ``/aml/run``.
    node
        The node's number, from 0.
    """

    def __init__(self, paths: RunPaths, node: int) -> None:
        self._paths = paths
        self._node = node
        self._name = f"aml-{paths.run_id}-{node}"
        self._engine = paths.launch / f"{node}.engine"
        self._polling = Polling()

    @property
    def _client(self) -> DockerClient:
        known = self._engine.read_text() if self._engine.exists() else engine_address.address()
        if known != engine_address.address():  # another runner has started it, in another engine
            os.environ["DOCKER_HOST"] = known
        return connected(known)

    def start(
        self,
        image: str,
        python: str,
        environment: Mapping[str, str],
        shm_size: str | None,
        arguments: list[str],
        volumes: Sequence[str] = (),
        network: str | None = None,
    ) -> None:
        """Create the container and start it.

        Parameters
        ----------
        image
            What it is made of: a name, a tag or an id.
        python
            How the image calls its Python.
        environment
            Set for all ranks, on top of the image's own.
        shm_size
            Size of ``/dev/shm`` as Docker writes it, ``2g``.
        arguments
            Options of ``docker run``, as v1's ``DockerConfiguration.arguments`` has them.
        volumes
            What else of this machine it sees, ``host:container:ro``.
        network
            The run's own, where it has several nodes; they are ``node-0``, ``node-1`` ... there.

        Raises
        ------
        UserErrorException
            The engine refuses it.
        EngineNotAnswering
            No engine answers, or not any more.
        """
        with docker_engine.answering():
            self._create(image, self._options(python, environment, shm_size, arguments, volumes, network))

    def _options(
        self,
        python: str,
        environment: Mapping[str, str],
        shm_size: str | None,
        arguments: list[str],
        volumes: Sequence[str],
        network: str | None,
    ) -> dict[str, Any]:
        """Return docker-py's keywords for the container."""
        options: dict[str, Any] = {
            "entrypoint": ["/bin/sh", "-c", _START, python],
            "command": [str(self._node)],
            "name": self._name,
            "hostname": node_name(self._node),
            "environment": {**environment, **self._home()},
            "user": self._user(),
            "init": True,
            "labels": {"jupyter-aml.run": self._paths.run_id, "jupyter-aml.node": str(self._node)},
            "volumes": [f"{self._paths.root}:{RUN_DIR}", f"{RUNTIME}:{RUNTIME_DIR}:ro", *volumes],
            "working_dir": f"{RUN_DIR}/work",
            "shm_size": shm_size,
            "log_config": {"type": "json-file", "config": {"max-size": "1m"}},
        }
        if network:
            place = self._client.api.create_endpoint_config(aliases=[node_name(self._node)])
            options.update(network=network, networking_config={network: place})
        extra = container_options(arguments)
        if gpu_count():  # which GPUs it sees is the queue's to say; what asks for others goes unheard
            extra.pop("device_requests", None)
            options.update(self._gpus(options["environment"]))
        options["environment"].update(extra.pop("environment", {}))
        options["volumes"] += extra.pop("volumes", [])
        options.update(extra)
        return options

    def _gpus(self, environment: dict[str, str]) -> dict[str, Any]:
        """Return the options that give the container its GPUs and no others."""
        told = read_record(self._paths.launch_spec(self._node), LaunchSpec)
        given = told.gpus if told else []
        ids = [gpu.uuid for gpu in visible_gpus()] if given is None else given
        environment["NVIDIA_VISIBLE_DEVICES"] = ",".join(ids) or "void"  # images of NVIDIA's ask for all
        if not ids:
            return {}
        from docker.types import DeviceRequest  # noqa: PLC0415 - where there are GPUs only

        return {"device_requests": [DeviceRequest(device_ids=ids, capabilities=[["gpu"]])]}

    def _create(self, image: str, options: dict[str, Any]) -> None:
        from docker.errors import APIError, NotFound  # noqa: PLC0415 - loaded with the client

        self._engine.write_text(engine_address.address())
        with contextlib.suppress(NotFound):  # a runner that was killed here may have left one
            self._client.api.remove_container(self._name, force=True)
        try:
            self._client.containers.create(image, **options).start()
        except APIError as error:
            with contextlib.suppress(APIError):
                self._client.api.remove_container(self._name, force=True)
            if _NO_GPU_DRIVER in str(error.explanation) and options.pop("device_requests", None):
                append_event(str(self._paths.root), note="the engine gives containers no GPU: it runs without one")
                self._create(image, options)
                return
            raise UserErrorException(
                f"The container engine refused the run's container: {error.explanation or error}."
            ) from error

    def alive(self) -> bool:
        """Tell whether the container runs; its engine is asked only when the launcher's lock is free."""
        return is_locked(self._paths.launch_lock(self._node)) or self._state().get("Running", False)

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the container, at most ``seconds``; return whether it has ended."""
        return self._polling.until_gone(self.alive, seconds)

    def stop(self, *, at_once: bool = False) -> None:
        """Ask the launcher to end its ranks; with ``at_once`` kill the container."""
        self._signal("SIGKILL" if at_once else "SIGTERM")

    def stop_with_the_others(self) -> None:
        """Ask the launcher to end its ranks, as another node has ended."""
        self._signal("SIGUSR1")

    def _signal(self, name: str) -> None:
        from docker.errors import DockerException  # noqa: PLC0415 - loaded with the client

        try:
            self._client.containers.get(self._name).kill(name)
        except (DockerException, EngineNotAnswering, OSError):
            return

    def remove(self) -> str | None:
        """Remove the container; return why it ended, where the engine knows more than the launcher could say."""
        from docker.errors import APIError, DockerException, NotFound  # noqa: PLC0415 - loaded with the client

        try:
            container = self._client.containers.get(self._name)
            state = container.attrs["State"]
            said = container.logs(tail=3).decode(errors="replace").strip()
            container.remove(force=True)
        except NotFound:
            return "its container is gone"
        except APIError as error:
            return f"the container engine says: {error.explanation or error}"
        except (DockerException, EngineNotAnswering, OSError):
            return f"the container engine at {engine_address.address()} stopped answering; start it, and submit again"
        if state.get("OOMKilled"):
            return "the container ran out of memory"
        return state.get("Error") or said or f"its container ended with exit code {state.get('ExitCode')}"

    def _state(self) -> dict[str, Any]:
        from docker.errors import DockerException  # noqa: PLC0415 - loaded with the client

        try:
            state: dict[str, Any] = self._client.api.inspect_container(self._name)["State"]
        except (DockerException, EngineNotAnswering, OSError):
            return {}
        return state

    def _user(self) -> str:
        """Return who the ranks are: the submitter, so that the outputs are theirs; a rootless engine's root is that."""
        if os.getuid() and "name=rootless" not in self._client.info().get("SecurityOptions", []):
            return f"{os.getuid()}:{os.getgid()}"
        return "0:0"

    def _home(self) -> dict[str, str]:
        """Return what a user that the image does not know needs, so that libraries find a home to write to."""
        if not os.getuid():
            return {}
        (self._paths.root / "home").mkdir(exist_ok=True)
        return {"HOME": f"{RUN_DIR}/home", "USER": user_name()}
