"""The network on which the containers of one run find one another by name."""

from __future__ import annotations

import contextlib

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException, UserErrorException

from . import docker_engine


def network_name(run_id: str) -> str:
    """Return the name of a run's network."""
    return f"aml-{run_id}"


def node_name(node: int) -> str:
    """Return what a node is called by the others of its run."""
    return f"node-{node}"


def make_network(run_id: str) -> None:
    """Make the network of a run, where a runner that was killed has not made it.

    Raises
    ------
    UserErrorException
        The engine refuses; the message says why.
    """
    with docker_engine.session() as client:
        from docker.errors import APIError  # noqa: PLC0415 - loaded with the client

        name = network_name(run_id)
        try:
            if not any(network.name == name for network in client.networks.list(names=[name])):
                client.networks.create(name, driver="bridge", labels={"jupyter-aml.run": run_id})
        except APIError as error:
            raise UserErrorException(
                f"The container engine refused a network for the run's nodes: {error.explanation or error}."
            ) from error


def remove_network(run_id: str) -> None:
    """Remove the network of a run, if it is there; an engine that is gone has none."""
    with contextlib.suppress(AzureMLException), docker_engine.session() as client:
        from docker.errors import DockerException  # noqa: PLC0415 - loaded with the client

        with contextlib.suppress(DockerException, OSError):
            client.networks.get(network_name(run_id)).remove()
