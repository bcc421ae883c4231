"""The compute targets that a workspace of v1 came with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

from .aml_compute import AmlCompute
from .compute import ComputeTarget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_ext.core.workspaces.workspace import Workspace

_SIZES = {"cpu": "STANDARD_D2_V2", "gpu": "STANDARD_NC6"}
_NODES = 4


def default_target(workspace: Workspace, kind: str, made_with: Mapping[str, str | None]) -> ComputeTarget:
    """Return the default target of a kind; see :meth:`Workspace.get_default_compute_target`."""
    wanted = str(kind).lower()
    if wanted not in _SIZES:
        raise UserErrorException(f"type is 'CPU' or 'GPU', not {kind!r}.")
    there = workspace.compute_targets
    name = f"{wanted}-cluster"
    for known in (made_with[wanted], name):
        if known in there:
            return there[known]
    print(f"The workspace has no {name!r}: it is made, with {_NODES} nodes on this machine.")  # noqa: T201 - one line
    configuration = AmlCompute.provisioning_configuration(vm_size=_SIZES[wanted], max_nodes=_NODES)
    return ComputeTarget.create(workspace, name, configuration)
