"""How many GPUs each node of a run is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.core.computes.vm_sizes import gpus_of_size
from jupyter_ext.core.notices import notice
from jupyter_ext.engines.docker_arguments import container_options
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.queueing.nvml import VISIBLE, gpu_count
from jupyter_ext.store.records import ComputeRecord, read_record

if TYPE_CHECKING:
    from jupyter_ext.store.paths import WorkspacePaths

    from .runconfig import RunConfiguration

_HIDE = ("", "-1")  # how a script's variables say that it wants none


def gpus_per_node(configuration: RunConfiguration, workspace: WorkspacePaths, nodes: int) -> int:
    """Return how many GPUs each node is given: as many as are asked for, else what a node of the target has.

    On this machine ``local`` has all of them. A target has what its ``vm_size`` says, as far as this machine has it;
    without a size its nodes share what there is, one at least.

    Raises
    ------
    UserErrorException
        The number is none, or more than this machine has.
    """
    record = read_record(workspace.compute(configuration.target), ComputeRecord)
    asked = _asked(configuration)
    if record is not None and not record.is_here:
        return asked or 0
    there = gpu_count()
    if asked is not None:
        _check(asked, nodes, there)
        return asked
    if not there or configuration.environment_variables.get(VISIBLE) in _HIDE:
        return 0
    wanted = there if record is None else gpus_of_size(record.vm_size)
    if record is not None and wanted is None:
        wanted = max(1, there // record.max_nodes)
    given = min(wanted or 0, there // nodes)
    if wanted and not given:
        notice(f"{nodes} nodes with a GPU each are asked for and this machine has {there}: the run uses its CPU.")
    return given


def _asked(configuration: RunConfiguration) -> int | None:
    """Return how many are asked for, by number or as ``docker run`` has it; None where that is not said."""
    asked: Any = configuration.gpus_per_node
    if asked is not None:
        if isinstance(asked, bool) or not isinstance(asked, int) or asked < 0:
            raise UserErrorException(f"gpus_per_node is a whole number from 0 on, not {asked!r}.")
        return asked
    requests = container_options(configuration.docker.arguments).get("device_requests") if gpu_count() else None
    if not requests:
        return None
    count = int(requests[0]["Count"])
    return gpu_count() if count < 0 else count or len(requests[0]["DeviceIDs"])


def _check(asked: int, nodes: int, there: int) -> None:
    if asked * nodes <= there:
        return
    each = f" on each of {nodes} nodes" if nodes > 1 else ""
    have = f"has {there}" if there else "has none"
    raise UserErrorException(
        f"{_gpus(asked)}{each} {'is' if asked == nodes == 1 else 'are'} asked for and this machine {have}: ask for "
        f"fewer, or leave --gpus out and the run gets what there is."
    )


def _gpus(count: int) -> str:
    return "1 GPU" if count == 1 else f"{count} GPUs"
