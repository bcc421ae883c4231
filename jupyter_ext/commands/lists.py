"""``models``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.core.models.model import Model
from jupyter_ext.core.runs.summaries import model_summary
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean

if TYPE_CHECKING:
    from argparse import Namespace

    from jupyter_ext.core.workspaces.workspace import Workspace


def models(workspace: Workspace, options: Namespace) -> Answer:
    """List the latest version of each registered model, or every version of one."""
    found = Model.list(workspace, name=options.model, latest=options.model is None)
    if not found:
        which = f"is named {options.model!r}" if options.model else "is registered yet: run.register_model makes one"
        near = did_you_mean(options.model, (model.name for model in Model.list(workspace, latest=True)))
        return Answer([], text=f"No model {which}.{near}")
    data = [model_summary(model) for model in found]
    rows = [(model.name, str(model.version), model.run_id or "", str(model.created_time)[:19]) for model in found]
    return Answer(data, [Table(("model", "version", "made by", "created"), rows)])
