"""The verbs that ``%aml`` and ``jupyter aml`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.commands import compare, lists, logs, runs, tensorboard

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from jupyter_ext.commands.answer import Answer
    from jupyter_ext.core.workspace import Workspace

_VERBS: dict[str, Callable[[Workspace, Namespace], Answer]] = {
    "runs": runs.runs,
    "show": runs.show,
    "rerun": runs.rerun,
    "cancel": runs.cancel,
    "download": runs.download,
    "logs": logs.logs,
    "compare": compare.compare,
    "envs": lists.envs,
    "compute": lists.compute,
    "models": lists.models,
    "tensorboard": tensorboard.tensorboard,
}


def do(workspace: Workspace, options: Namespace) -> Answer:
    """Do what parsed options ask for.

    Raises
    ------
    AzureMLException
        It cannot be; the message tells the remedy.
    """
    return _VERBS[options.verb](workspace, options)
