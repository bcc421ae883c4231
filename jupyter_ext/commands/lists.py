"""``compute`` and ``models``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.models.model import Model
from jupyter_ext.core.runs.summaries import compute_summaries, model_summary
from jupyter_ext.store.queue import LOCAL

if TYPE_CHECKING:
    from argparse import Namespace

    from jupyter_ext.core.workspaces.workspace import Workspace


def compute(workspace: Workspace, options: Namespace) -> Answer:
    """List the compute targets, this machine first."""
    if options.target not in (None, LOCAL):
        ComputeTarget(workspace, options.target)  # or it says that there is none
    data = [one for one in compute_summaries(workspace) if options.target in (None, one["name"])]
    rows = [
        (one["name"], one["type"], one["vm_size"], f"{one['nodes_in_use']} of {one['nodes']}", str(len(one["waiting"])))
        for one in data
    ]
    return Answer(data, [Table(("target", "type", "size", "nodes in use", "runs waiting"), rows)])


def models(workspace: Workspace, options: Namespace) -> Answer:
    """List the latest version of each registered model, or every version of one."""
    found = Model.list(workspace, name=options.model, latest=options.model is None)
    if not found:
        which = f"is named {options.model!r}" if options.model else "is registered yet: run.register_model makes one"
        return Answer([], text=f"No model {which}.")
    data = [model_summary(model) for model in found]
    rows = [(model.name, str(model.version), model.run_id or "", str(model.created_time)[:19]) for model in found]
    return Answer(data, [Table(("model", "version", "made by", "created"), rows)])
