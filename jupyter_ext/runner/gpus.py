"""The GPUs that the nodes of a run have been given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.queueing.gpu_leases import is_here, leased, needed_here
from jupyter_ext.store.queueing.nvml import VISIBLE, all_gpus, gpu_count

from .ranks import nodes_apart

if TYPE_CHECKING:
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec


def check_gpus(paths: RunPaths, spec: RunSpec) -> None:
    """Refuse a run that would wait for ever.

    Raises
    ------
    UserErrorException
        It needs more GPUs than this machine has.
    """
    needed = needed_here(paths.workspace, spec.target, spec.gpus)
    if needed and needed > gpu_count():
        raise UserErrorException(
            f"It needs {needed} GPUs and this machine has {gpu_count()}: submit it with --gpus {gpu_count()}."
        )


def gpus_of_node(paths: RunPaths, spec: RunSpec, node: int) -> list[str] | None:
    """Return the ids of the GPUs of a node; a launcher that serves several nodes has those of all.

    None: the node is a machine of a cluster, which gives its launcher those that it is to have.
    """
    if not is_here(paths.workspace, spec.target):
        return None
    each = spec.gpus // nodes_apart(spec)
    return leased(paths)[node * each : (node + 1) * each]


def gpu_variables(spec: RunSpec, gpus: list[str] | None) -> dict[str, str]:
    """Return the variables that let processes see these GPUs and no others; a container or a cluster gives its own.

    Raises
    ------
    UserErrorException
        One of them is gone.
    """
    if gpus is None:
        return {}
    known = {gpu.uuid: gpu.index for gpu in all_gpus()}
    lost = [gpu for gpu in gpus if gpu not in known]
    if lost:
        raise UserErrorException(f"GPU {lost[0]} was there when the run got it, and is gone. Submit the run again.")
    if spec.container or not known:
        return {}
    # numbers, as not every library knows ids; and numbered as NVML does, as CUDA's own order is another
    return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", VISIBLE: ",".join(str(known[gpu]) for gpu in gpus)}
