"""``delete``: runs, for good."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.commands.asking import agreed
from jupyter_ext.commands.find import find_run
from jupyter_ext.core.runs.deletion import what_goes
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from argparse import Namespace

    from jupyter_ext.core.runs.deletion import Deletion
    from jupyter_ext.core.workspaces.workspace import Workspace


def delete(workspace: Workspace, options: Namespace) -> Answer:
    """Delete runs with their children, once it is said what goes and agreed to."""
    asked = list(dict.fromkeys(find_run(workspace, name) for name in options.runs))
    going = [what_goes(run) for run in asked]
    refused = next((one.refused for one in going if one.refused), None)
    if refused is not None:
        raise UserErrorException(refused)
    count = sum(1 + len(one.children) for one in going)
    question = f"Delete {'this run' if count == 1 else f'these {count} runs'} for good?"
    if not agreed(options, map(_said, going), question):
        return Answer([], text="Nothing is deleted.")
    below = {child for one in going for child in one.children}
    gone = [run.delete() for run in asked if run.id not in below]
    rows = [(one.id, size_text(one.size), ", ".join(one.children), ", ".join(one.models)) for one in gone]
    return Answer(
        [asdict(one) for one in gone],
        [Table(("deleted", "size", "with its children", "models that stay"), rows)],
    )


def _said(one: Deletion) -> str:
    parts = [f"{one.folder}, {size_text(one.size)}, {one.files} files"]
    if one.children:
        parts.append(f"with its children {', '.join(one.children)}")
    if one.models:
        parts.append(f"models that were registered from it keep their files: {', '.join(one.models)}")
    return f"{one.id}: {'; '.join(parts)}"
