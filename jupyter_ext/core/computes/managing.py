"""The compute targets as a list shows them, and what a person does with them: add, scale, remove."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    AzureMLException,
    ComputeTargetException,
    UserErrorException,
)
from jupyter_ext.store.queueing.queue import LOCAL, Queue

from .aml_compute import AmlCompute
from .compute import ComputeTarget, file_of
from .machine import machine_now
from .ray_compute import RayCompute

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.workspace import Workspace


def list_computes(workspace: Workspace) -> list[dict[str, Any]]:
    """Tell about every compute target, its line, and what its machine does now; this machine comes first.

    Returns
    -------
    list of dict
        ``name``, ``type`` and ``vm_size``; ``nodes``, how many it has at most, and ``nodes_in_use``; the ids of the
        runs that are ``running`` and ``waiting``, in order; ``machine``, as :func:`machine_now` gives it, and None for
        a cluster; see :func:`with_machines`.
    """
    queue, machine = Queue(workspace._catalogue), machine_now()
    local = _summary(queue, LOCAL, "this machine", "", 1, machine)
    return [local, *(_of(queue, target, machine) for target in ComputeTarget.list(workspace))]


def find_compute(workspace: Workspace, name: str) -> dict[str, Any]:
    """Tell about one target, as :func:`list_computes` does.

    Raises
    ------
    ComputeTargetException
        There is none of this name.
    """
    if name != LOCAL:
        ComputeTarget(workspace, name)  # or it says that there is none
    return next(one for one in list_computes(workspace) if one["name"] == name)


def with_machines(workspace: Workspace, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Look at the clusters among targets that :func:`list_computes` tells of, all at once: it takes a second or more.

    Returns
    -------
    list of dict
        The same, each with ``machines``, as :meth:`RayCompute.list_nodes` gives them, None where it is no cluster or
        does not answer; and ``problem``, the reason of that, else None.
    """
    with ThreadPoolExecutor(max(1, len(found))) as pool:
        return list(pool.map(lambda one: _with_machines(workspace, one), found))


def _with_machines(workspace: Workspace, one: dict[str, Any]) -> dict[str, Any]:
    if one["type"] != RayCompute._compute_type:
        return {**one, "machines": None, "problem": None}
    try:
        return {**one, "machines": RayCompute(workspace, one["name"]).list_nodes(), "problem": None}
    except AzureMLException as error:
        return {**one, "machines": None, "problem": error.message}


def add_compute(workspace: Workspace, name: str, max_nodes: int, vm_size: str = "") -> ComputeTarget:
    """Make a target of node slots on this machine.

    Raises
    ------
    UserErrorException
        There is one of this name, or the name is one that v1 keeps for itself.
    ComputeTargetException
        The name or the number is not legal.
    """
    configuration = AmlCompute.provisioning_configuration(vm_size=vm_size, max_nodes=max_nodes)
    if file_of(workspace, name).exists():
        raise UserErrorException(
            f"There is a compute target {name!r} already: 'compute scale {name} --max-nodes {max_nodes}' gives it "
            "another number of nodes."
        )
    return ComputeTarget.create(workspace, name, configuration)


def scale_compute(workspace: Workspace, name: str, max_nodes: int) -> ComputeTarget:
    """Change how many nodes a target has at most; what runs goes on.

    Raises
    ------
    ComputeTargetException
        There is none of this name, or the number is not legal.
    """
    target = ComputeTarget(workspace, _not_local(name))
    if not isinstance(target, AmlCompute | RayCompute):
        raise ComputeTargetException(f"{name} is of type {target.type}, whose nodes are not counted here.")
    target.update(min_nodes=min(target._record.min_nodes, max_nodes), max_nodes=max_nodes)
    return target


def remove_compute(workspace: Workspace, name: str) -> None:
    """Remove a target.

    Raises
    ------
    ComputeTargetException
        There is none of this name, or runs use it or wait for it; the message tells which.
    """
    ComputeTarget(workspace, _not_local(name)).delete()


def detach_compute(workspace: Workspace, name: str) -> None:
    """Forget a target that was attached.

    Raises
    ------
    ComputeTargetException
        There is none of this name, it was created here, or runs use it or wait for it.
    """
    ComputeTarget(workspace, _not_local(name)).detach()


def _not_local(name: str) -> str:
    if name == LOCAL:
        raise UserErrorException("'local' is this machine: it has one node, and stays.")
    return name


def _of(queue: Queue, target: ComputeTarget, machine: dict[str, Any]) -> dict[str, Any]:
    size = target.vm_size if isinstance(target, AmlCompute) else ""
    here = None if isinstance(target, RayCompute) else machine  # to look at a cluster's machines takes long
    return _summary(queue, target.name, target.type, size, queue.slots(target.name), here)


def _summary(
    queue: Queue, name: str, kind: str, size: str, nodes: int, machine: dict[str, Any] | None
) -> dict[str, Any]:
    line = queue.line(name)
    running = [run_id for run_id, granted in line if granted and not _waits(queue, run_id)]
    return {
        "name": name,
        "type": kind,
        "vm_size": size,
        "nodes": nodes,
        "nodes_in_use": sum(run_id in running for run_id in queue.nodes_in_use(name)),
        "running": running,
        "waiting": [run_id for run_id, _ in line if run_id not in running],
        "machine": machine,
    }


def _waits(queue: Queue, run_id: str) -> bool:
    """Tell whether a run has its place on a cluster, and waits until machines are there."""
    return bool(read_state(str(queue.workspace.run(run_id).root))["status"] == "Queued")
