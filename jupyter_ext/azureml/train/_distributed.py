"""v1's older names of distributed configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.core.submission.distributed import (
    MpiConfiguration,
    ParallelTaskConfiguration,
    PyTorchConfiguration,
    TensorflowConfiguration,
)
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import TrainingException

if TYPE_CHECKING:
    from jupyter_ext.core.submission.runconfig import RunConfiguration


class Mpi(MpiConfiguration):
    """Ranks under ``mpirun`` (v1's older name of :class:`MpiConfiguration`)."""

    def __init__(self, process_count_per_node: int = 1) -> None:
        super().__init__(process_count_per_node)


class ParameterServer(TensorflowConfiguration):
    """Workers and parameter servers (v1's older name of :class:`TensorflowConfiguration`)."""

    def __init__(self, worker_count: int = 1, parameter_server_count: int = 1) -> None:
        super().__init__(worker_count, parameter_server_count)


class Gloo(PyTorchConfiguration):
    """Ranks for PyTorch that speak Gloo."""

    def __init__(self) -> None:
        super().__init__("gloo")


class Nccl(PyTorchConfiguration):
    """Ranks for PyTorch that speak NCCL."""

    def __init__(self) -> None:
        super().__init__("nccl")


_BACKENDS: dict[str, type[Any]] = {"mpi": Mpi, "ps": ParameterServer, "gloo": Gloo, "nccl": Nccl}


def distribute(
    configuration: RunConfiguration, training: Any, backend: str | None, nodes: int, processes: int, **counts: int
) -> None:
    """Write into a run configuration how its ranks are started.

    Parameters
    ----------
    training
        A distributed configuration, or None.
    backend
        v1's older way to say it: ``mpi``, ``ps``, ``gloo`` or ``nccl``.
    nodes, processes
        How many nodes, and how many processes on each.
    **counts
        ``worker_count`` and ``parameter_server_count`` for ``ps``.

    Raises
    ------
    TrainingException
        Several processes are asked for and nothing says how they are started, or the backend is none of these.
    """
    if training is None and backend is not None:
        if str(backend).lower() not in _BACKENDS:
            raise TrainingException(f"distributed_backend is {', '.join(_BACKENDS)}, not {backend!r}.")
        kind = _BACKENDS[str(backend).lower()]
        training = kind(**counts) if kind is ParameterServer else kind()
    if training is None:
        if nodes > 1 or processes > 1:
            raise TrainingException(
                "More than one node or process needs distributed_training: MpiConfiguration() says how they start."
            )
        return
    configuration.node_count = nodes
    if isinstance(training, MpiConfiguration):
        configuration.communicator = "IntelMpi"
        configuration.mpi = MpiConfiguration(max(processes, training.process_count_per_node), nodes)
    elif isinstance(training, TensorflowConfiguration):
        configuration.framework, configuration.communicator = "TensorFlow", "ParameterServer"
        configuration.tensorflow = training
        configuration.node_count = max(nodes, training.worker_count)
    elif isinstance(training, PyTorchConfiguration):
        configuration.framework, configuration.communicator = "PyTorch", training.communication_backend
        configuration.pytorch = PyTorchConfiguration(training.communication_backend, nodes * processes, nodes)
    elif isinstance(training, ParallelTaskConfiguration):
        configuration.communicator = "ParallelTask"
        configuration.paralleltask = training
    else:
        raise TrainingException(
            "distributed_training is an MpiConfiguration, a TensorflowConfiguration or a ParallelTaskConfiguration, "
            f"not a {type(training).__name__}."
        )
