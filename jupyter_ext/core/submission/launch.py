"""How many processes a run configuration asks for, and what starts them."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_ext.engines.docker_arguments import container_options
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

from .runconfig import TORCHRUN

if TYPE_CHECKING:
    from collections.abc import Collection

    from jupyter_ext.core.environments.environment import Environment

    from .runconfig import RunConfiguration

_COMMUNICATORS = {
    "None": None,
    "IntelMpi": "mpi",
    "OpenMpi": "mpi",
    "Mpi": "mpi",
    "ParameterServer": "tensorflow",
    "Nccl": "pytorch",
    "Gloo": "pytorch",
    TORCHRUN: "torchrun",
}
_ELASTIC_RESTARTS = 3
_FRAMEWORKS = ("Python", "PyTorch", "TensorFlow", "CNTK")


class Launch(NamedTuple):
    """What is started; its fields are those of :class:`~jupyter_ext.store.records.RunSpec`."""

    node_count: int
    processes_per_node: int = 1
    parameter_servers: int = 0
    distribution: str | None = None
    min_node_count: int | None = None
    max_restarts: int = 0


def launch_of(configuration: RunConfiguration) -> Launch:
    """Return what a run configuration asks for.

    Raises
    ------
    UserErrorException
        The numbers do not go together, or there is no such communicator or framework.
    """
    nodes = int(configuration.node_count)
    _known("framework", configuration.framework, _FRAMEWORKS)
    distribution = _COMMUNICATORS[_known("communicator", configuration.communicator, _COMMUNICATORS)]
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
    if distribution == "torchrun":
        least = least_nodes(configuration)
        if least > nodes:
            raise UserErrorException(f"min_node_count is {least} and node_count {nodes}: the first is not the larger.")
        per_node = checked_count("process_count_per_node", configuration.torchrun.process_count_per_node)
        asked = configuration.torchrun.max_restarts
        usual = _ELASTIC_RESTARTS if least < nodes else 0
        restarts = usual if asked is None else checked_count("max_restarts", asked, least=0)
        return Launch(nodes, per_node, 0, distribution, least, restarts)
    return Launch(nodes, 1, 0, distribution)


def _known(name: str, value: Any, known: Collection[str]) -> str:
    """Return a value as it is spelled among those that are known, in whatever case it is given."""
    for one in known:
        if one.lower() == str(value).lower():
            return one
    raise UserErrorException(f"{name} is one of {', '.join(known)}, not {value!r}.")


def least_nodes(configuration: RunConfiguration) -> int:
    """Return with how few nodes a run starts: ``torchrun`` may need fewer than it takes."""
    least = configuration.torchrun.min_node_count
    if configuration.communicator != TORCHRUN or least is None:
        return int(configuration.node_count)
    return checked_count("min_node_count", least)


def check_launch(
    launch: Launch, configuration: RunConfiguration, environment: Environment | None, *, container: bool, here: bool
) -> None:
    """Refuse what cannot be started.

    Parameters
    ----------
    container
        Whether the nodes are containers.
    here
        Whether they are on this machine.

    Raises
    ------
    UserErrorException
        Containers on several nodes are asked for with a network of their own, or there is no ``mpirun``, no PyTorch.
    """
    if container and launch.node_count > 1 and "network_mode" in container_options(configuration.docker.arguments):
        raise UserErrorException(
            "Containers of several nodes get a network of the run's own: leave --network out of the Docker arguments."
        )
    if here and launch.distribution == "mpi" and environment is None and shutil.which("mpirun") is None:
        raise UserErrorException(
            "There is no mpirun on this machine: install Open MPI ('apt-get install openmpi-bin', 'brew install "
            "open-mpi'), name an environment that has it, or ask for PyTorchConfiguration."
        )
    if here and launch.distribution == "torchrun" and environment is None and find_spec("torch") is None:
        raise UserErrorException(
            "torchrun comes with PyTorch, which this Python has not: name an environment that has it, or "
            "'%pip install torch'."
        )


def checked_count(name: str, value: Any, least: int = 1) -> int:
    """Return a number that was given, where it is one."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UserErrorException(f"{name} is a whole number from {least} on, not {value!r}.")
    return value
