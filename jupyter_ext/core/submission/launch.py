"""How many processes a run configuration asks for, and what starts them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_ext.engines.docker_arguments import container_options
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from jupyter_ext.core.environments.environment import Environment

    from .runconfig import RunConfiguration

_COMMUNICATORS = {"IntelMpi": "mpi", "ParameterServer": "tensorflow", "nccl": "pytorch", "gloo": "pytorch"}


class Launch(NamedTuple):
    """What is started."""

    node_count: int
    processes_per_node: int = 1
    parameter_servers: int = 0
    distribution: str | None = None


def launch_of(configuration: RunConfiguration) -> Launch:
    """Return what a run configuration asks for.

    Raises
    ------
    UserErrorException
        The numbers do not go together.
    """
    nodes = int(configuration.node_count)
    distribution = _COMMUNICATORS.get(str(configuration.communicator))
    if distribution == "mpi":
        per_node = checked_count("process_count_per_node", configuration.mpi.process_count_per_node)
        return Launch(nodes, per_node, 0, distribution)
    if distribution == "tensorflow":
        servers = checked_count("parameter_server_count", configuration.tensorflow.parameter_server_count, least=0)
        workers = checked_count("worker_count", configuration.tensorflow.worker_count)
        if workers != nodes:
            raise UserErrorException(f"worker_count is {workers} and node_count {nodes}: each worker is a node.")
        return Launch(nodes, 1, servers, distribution)
    if distribution == "pytorch" and configuration.pytorch.process_count is not None:
        total = checked_count("process_count", configuration.pytorch.process_count)
        if total % nodes:
            raise UserErrorException(
                f"process_count is the number over all nodes, and {total} processes cannot be dealt out evenly to "
                f"{nodes} nodes: ask for {nodes}, {2 * nodes} or another multiple."
            )
        return Launch(nodes, total // nodes, 0, distribution)
    return Launch(nodes, 1, 0, distribution)


def check_launch(
    launch: Launch, configuration: RunConfiguration, environment: Environment | None, *, container: bool
) -> None:
    """Refuse what cannot be started on this machine.

    Raises
    ------
    UserErrorException
        Containers on several nodes are asked for with a network of their own, or there is no ``mpirun``.
    """
    if container and launch.node_count > 1 and "network_mode" in container_options(configuration.docker.arguments):
        raise UserErrorException(
            "Containers of several nodes get a network of the run's own: leave --network out of the Docker arguments."
        )
    if launch.distribution == "mpi" and environment is None and shutil.which("mpirun") is None:
        raise UserErrorException(
            "There is no mpirun on this machine: install Open MPI ('apt-get install openmpi-bin', 'brew install "
            "open-mpi'), name an environment that has it, or ask for PyTorchConfiguration."
        )


def checked_count(name: str, value: Any, least: int = 1) -> int:
    """Return a number that was given, where it is one."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UserErrorException(f"{name} is a whole number from {least} on, not {value!r}.")
    return value
