"""The environment of a run on a node: made again from its lock, or pulled as an image."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from jupyter_ext.engines.ray import tools
from jupyter_ext.engines.ray.cache import cache_folder
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from jupyter_ext.engines.container import ContainerNode
    from jupyter_ext.store.paths import RunPaths


def make(lock: bytes) -> tuple[str, dict[str, str]]:
    """Make a virtual environment from its lock, unless it is there; return its Python, and variables to use it with."""
    command = [tools.ready(), "-m", "jupyter_ext.build.again", str(cache_folder() / "environments")]
    done = subprocess.run(command, input=lock, capture_output=True, env=tools.our_environment(), check=False)
    said = json.loads(done.stdout) if done.stdout.startswith(b"{") else {}
    if "python" not in said:
        why = said.get("error") or done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise UserErrorException(f"The environment could not be made there: {why}")
    return said["python"], said["variables"]


def start_container(paths: RunPaths, node: int, environment: dict[str, str], asked: dict[str, Any]) -> ContainerNode:
    """Start a node's container from an image of this node's engine, which pulls it where it is not there.

    Parameters
    ----------
    asked
        ``image``, its id; ``name``, by which it can be pulled; ``login`` for that; and what else
        :meth:`ContainerNode.start` takes.
    """
    tools.ready()
    from jupyter_ext.engines import docker_engine  # noqa: PLC0415 - docker may have come just now
    from jupyter_ext.engines.container import ContainerNode  # noqa: PLC0415 - as above

    if not docker_engine.engine_answers():
        raise docker_engine.not_answering()
    image = asked["image"]
    if docker_engine.image_id(image) is None:
        image = _pulled(asked["name"], asked["login"])
    node_of_it = ContainerNode(paths, node)
    node_of_it.start(image, asked["python"], environment, asked["shm_size"], asked["arguments"])
    return node_of_it


def _pulled(name: str | None, login: dict[str, str] | None) -> str:
    from docker.errors import DockerException  # noqa: PLC0415 - loaded with the client

    from jupyter_ext.engines import docker_engine  # noqa: PLC0415 - as above

    if name is None:
        raise UserErrorException(
            "The run's image is on the machine alone that it was built on: name a registry that the nodes can reach, "
            "ws.set_image_registry(ADDRESS), and submit it again."
        )
    with docker_engine.session() as client:
        try:
            repository, _, tag = name.partition("@") if "@" in name else name.rpartition(":")
            client.images.pull(repository, tag=tag, auth_config=login)
        except DockerException as error:
            said = getattr(error, "explanation", None) or error
            raise UserErrorException(
                f"The image {name} cannot be pulled there: {said}. Check that the node reaches its registry."
            ) from error
    return name
