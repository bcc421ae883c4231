"""The verbs that ``%aml`` and ``jupyter aml`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.commands import (
    compare,
    computes,
    data,
    delete,
    doctor,
    enabling,
    envs,
    lists,
    logs,
    registry,
    runs,
    tensorboard,
)

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from jupyter_ext.commands.answer import Answer
    from jupyter_ext.core.workspaces.workspace import Workspace

_VERBS: dict[str, Callable[[Workspace, Namespace], Answer]] = {
    "runs": runs.runs,
    "show": runs.show,
    "rerun": runs.rerun,
    "cancel": runs.cancel,
    "delete": delete.delete,
    "download": runs.download,
    "logs": logs.logs,
    "compare": compare.compare,
    "envs": envs.envs,
    "compute": computes.compute,
    "models": lists.models,
    "registry": registry.registry,
    "data": data.data,
    "tensorboard": tensorboard.tensorboard,
}
_ALONE: dict[str, Callable[[Namespace], Answer]] = {
    "enable": enabling.enable,
    "disable": enabling.disable,
    "status": enabling.status,
    "doctor": doctor.doctor,
}


def do(options: Namespace, workspace: Callable[[], Workspace]) -> Answer:
    """Do what parsed options ask for.

    Parameters
    ----------
    options
        The parsed line.
    workspace
        Gives the workspace; not called for a verb that is of none.

    Raises
    ------
    AzureMLException
        It cannot be; the message tells the remedy.
    """
    if options.verb in _ALONE:
        return _ALONE[options.verb](options)
    return _VERBS[options.verb](workspace(), options)
