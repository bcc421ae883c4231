"""How the ranks of a run are started: v1's distributed configurations."""

from __future__ import annotations

from typing import Any, ClassVar

from jupyter_ext.core.element import Element
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import RunConfigurationException

_BACKENDS = ("nccl", "gloo")


class MpiConfiguration(Element):
    """Ranks under ``mpirun``: processes on each node, times nodes."""

    _keys: ClassVar = {"process_count_per_node": "processCountPerNode", "node_count": "nodeCount"}

    def __init__(self, process_count_per_node: int = 1, node_count: int = 1) -> None:
        self.process_count_per_node = process_count_per_node
        self.node_count = node_count
        self._arm()


class PyTorchConfiguration(Element):
    """Ranks for PyTorch: ``process_count`` over all nodes, one on each where it is None (v1)."""

    _keys: ClassVar = {
        "communication_backend": "communicationBackend",
        "process_count": "processCount",
        "node_count": "nodeCount",
    }

    def __init__(
        self, communication_backend: str = "Nccl", process_count: int | None = None, node_count: int = 1
    ) -> None:
        if communication_backend.lower() not in _BACKENDS:
            raise RunConfigurationException(
                f"communication_backend is 'nccl' or 'gloo', not {communication_backend!r}."
            )
        self.communication_backend = communication_backend.lower()
        self.process_count = process_count
        self.node_count = node_count
        self._arm()


class TensorflowConfiguration(Element):
    """Workers and parameter servers for TensorFlow; the workers are the nodes (v1)."""

    _keys: ClassVar = {"worker_count": "workerCount", "parameter_server_count": "parameterServerCount"}

    def __init__(self, worker_count: int = 1, parameter_server_count: int = 1) -> None:
        self.worker_count = worker_count
        self.parameter_server_count = parameter_server_count
        self._arm()


class TorchrunConfiguration(Element):
    """PyTorch's elastic launch: ``torchrun`` on each node, which goes on when a node is lost. v1 has no such class.

    Parameters
    ----------
    process_count_per_node
        Ranks on each node.
    node_count
        Nodes at most; a target that has fewer starts with those.
    min_node_count
        With how few nodes it starts and goes on. None: with no fewer than ``node_count``.
    max_restarts
        How often all ranks are started again when one fails. None: 3 times where the run goes on with fewer nodes, as
        a node that is lost makes the others' ranks fail, too; else never.
    """

    _keys: ClassVar = {
        "process_count_per_node": "processCountPerNode",
        "node_count": "nodeCount",
        "min_node_count": "minNodeCount",
        "max_restarts": "maxRestarts",
    }

    def __init__(
        self,
        process_count_per_node: int = 1,
        node_count: int = 1,
        min_node_count: int | None = None,
        max_restarts: int | None = None,
    ) -> None:
        self.process_count_per_node = process_count_per_node
        self.node_count = node_count
        self.min_node_count = min_node_count
        self.max_restarts = max_restarts
        self._arm()


class ParallelTaskConfiguration(Element):
    """Kept for v1's run configurations."""

    _keys: ClassVar = {
        "max_retries_per_worker": "maxRetriesPerWorker",
        "worker_count_per_node": "workerCountPerNode",
        "terminal_exit_codes": "terminalExitCodes",
    }

    def __init__(
        self, max_retries_per_worker: int = 0, worker_count_per_node: int = 1, terminal_exit_codes: Any = None
    ) -> None:
        self.max_retries_per_worker = max_retries_per_worker
        self.worker_count_per_node = worker_count_per_node
        self.terminal_exit_codes = terminal_exit_codes
