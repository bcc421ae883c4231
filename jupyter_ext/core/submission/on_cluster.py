"""What a run on a cluster can have, and cannot."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.records import ComputeRecord, RayCluster, read_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.store.data.data_records import DataInput, DataOutput


def cluster_of(workspace: Workspace, target: str) -> RayCluster | None:
    """Return the cluster that a target's nodes are on; None where they are on this machine."""
    record = read_record(workspace._paths.compute(target), ComputeRecord)
    return record.ray if record else None


def check_on_cluster(inputs: Sequence[DataInput], outputs: Sequence[DataOutput]) -> None:
    """Refuse what runs on a cluster cannot have: some ways to reach data.

    Raises
    ------
    UserErrorException
        The message tells what to do instead.
    """
    for one in inputs:
        if one.reference and one.mode == "mount":
            raise UserErrorException(
                f"The data reference {one.name} cannot be mounted on a Ray cluster, as what the script writes there "
                "would not come back: give it a dataset to read, and an OutputFileDatasetConfig to write."
            )
    absolute = [one.path_on_compute for one in inputs] + [one.source for one in outputs]
    for path in absolute:
        if path and PurePosixPath(path).is_absolute():
            raise UserErrorException(
                f"Data cannot be put at {path} on a Ray cluster, whose machines are not this run's alone: choose a "
                "relative path, which lies in the script's folder."
            )
