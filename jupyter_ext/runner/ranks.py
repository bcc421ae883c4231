"""Which ranks a run has on which node, and how they find one another: the variables are v1's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_ext.engines.ports import free_ports
from jupyter_ext.engines.run_network import node_name

from . import elastic, mpi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec

_THIS_MACHINE = "127.0.0.1"
_MASTER_PORT = 6105
_FIRST_TASK_PORT = 2222


def has_network(spec: RunSpec) -> bool:
    """Tell whether the run's nodes are containers on a network of their own."""
    return spec.container and spec.ray is None and launchers(spec) > 1


def launchers(spec: RunSpec) -> int:
    """Return how many launchers a run has: one for each node, and one for the store of ``torchrun``."""
    return nodes_apart(spec) + (spec.distribution == "torchrun")


def nodes_apart(spec: RunSpec) -> int:
    """Return how many launchers have ranks: one ``mpirun`` serves all the nodes of this machine."""
    return 1 if spec.distribution == "mpi" and not spec.is_elsewhere else spec.node_count


def hosts(spec: RunSpec) -> list[str]:
    """Return how each node is called by the others."""
    if spec.ray is not None:
        return spec.ray.hosts[: spec.node_count]
    return [node_name(node) if has_network(spec) else _THIS_MACHINE for node in range(spec.node_count)]


def master_port(spec: RunSpec) -> int:
    """Return a port of the first node by which the ranks find one another."""
    if spec.ray is not None:
        return spec.ray.ports[0][0]
    return _MASTER_PORT if has_network(spec) else free_ports(1, _THIS_MACHINE)[0]


def store_place(spec: RunSpec) -> tuple[str, int]:
    """Return the host and the port of the store of ``torchrun``, which the last launcher has."""
    if spec.ray is not None:
        return spec.ray.hosts[-1], spec.ray.ports[-1][0]
    if has_network(spec):
        return node_name(spec.node_count), elastic.STORE_PORT
    return _THIS_MACHINE, free_ports(1, _THIS_MACHINE)[0]


def shell_ports(spec: RunSpec) -> list[int]:
    """Return where the launcher of each node listens for another node's ``mpirun``."""
    if spec.ray is not None:
        return [ports[1] for ports in spec.ray.ports]
    return [mpi.SHELL_PORT] * spec.node_count if has_network(spec) else free_ports(spec.node_count, _THIS_MACHINE)


def ranks_by_node(spec: RunSpec, paths: RunPaths) -> list[list[dict[str, Any]]]:
    """Return the ranks of each launcher, as its specification has them."""
    if spec.distribution == "mpi":
        first = {"rank": 0, "env": {}, "log": mpi.LOG}
        return [[first], *([] for _ in range(launchers(spec) - 1))]
    if spec.distribution == "torchrun":
        return elastic.ranks(spec)
    tasks = _tensorflow(spec) if spec.distribution == "tensorflow" else _pytorch(spec)
    nodes: list[list[dict[str, Any]]] = [[] for _ in range(spec.node_count)]
    for rank, (node, variables) in enumerate(tasks):
        log = paths.rank_log(rank, spec.rank_count)
        nodes[node].append({"rank": rank, "env": {"AML_RANK": str(rank), **variables}, "log": log})
    return nodes


def _pytorch(spec: RunSpec) -> list[tuple[int, dict[str, str]]]:
    """Return the node and the variables of each rank; a run of one process without a configuration needs none."""
    if spec.rank_count == 1 and spec.distribution is None:
        return [(0, {})]
    common = {"MASTER_ADDR": hosts(spec)[0], "MASTER_PORT": str(master_port(spec)), "WORLD_SIZE": str(spec.rank_count)}
    return [
        (node, {**common, "NODE_RANK": str(node), "RANK": str(rank), "LOCAL_RANK": str(local)})
        for rank in range(spec.rank_count)
        for node, local in [divmod(rank, spec.processes_per_node)]
    ]


def _tensorflow(spec: RunSpec) -> list[tuple[int, dict[str, str]]]:
    """Return the same for workers, one on each node, and parameter servers, dealt out to the nodes."""
    kinds = [("worker", node) for node in range(spec.node_count)]
    kinds += [("ps", index) for index in range(spec.parameter_servers)]
    nodes = [index % spec.node_count for _, index in kinds]
    ports = _task_ports(spec, nodes)
    names = hosts(spec)
    cluster: dict[str, list[str]] = {}
    for (kind, _), node, port in zip(kinds, nodes, ports, strict=True):
        cluster.setdefault(kind, []).append(f"{names[node]}:{port}")
    return [
        (
            node,
            {
                "TF_CONFIG": json.dumps(
                    {"cluster": cluster, "task": {"type": kind, "index": index}, "environment": "cloud"}
                )
            },
        )
        for (kind, index), node in zip(kinds, nodes, strict=True)
    ]


def _task_ports(spec: RunSpec, nodes: Sequence[int]) -> Sequence[int]:
    """Return a port for each task, given the node that each is on."""
    if spec.ray is not None:
        free = [iter(ports) for ports in spec.ray.ports]
        return [next(free[node]) for node in nodes]
    if has_network(spec):
        return range(_FIRST_TASK_PORT, _FIRST_TASK_PORT + len(nodes))
    return free_ports(len(nodes), _THIS_MACHINE)
