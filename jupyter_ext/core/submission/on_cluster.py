"""What a run on a cluster can have, and cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.records import ComputeRecord, RayCluster, read_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.store.data_records import DataInput, DataOutput


def cluster_of(workspace: Workspace, target: str) -> RayCluster | None:
    """Return the cluster that a target's nodes are on; None where they are on this machine."""
    record = read_record(workspace._paths.computes / f"{target}.json", ComputeRecord)
    return record.ray if record else None


def check_on_cluster(inputs: Sequence[DataInput], outputs: Sequence[DataOutput]) -> None:
    """Refuse what runs on a cluster cannot have: data of this machine.

    Raises
    ------
    UserErrorException
        The message tells what to do instead.
    """
    names = [*(one.name for one in inputs), *(one.name for one in outputs)]
    if names:
        raise UserErrorException(
            f"Data ({', '.join(names)}) cannot be given to runs on a Ray cluster: its machines do not see this one's "
            "files. Read it in the script from where it is, or put small files into the script's folder; what the "
            "script writes to ./outputs comes back."
        )
