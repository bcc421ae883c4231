"""``compare``: what differs between runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.commands.find import find_run
from jupyter_ext.core.runs import compare as comparing

if TYPE_CHECKING:
    from argparse import Namespace

    from jupyter_ext.core.workspaces.workspace import Workspace


def compare(workspace: Workspace, options: Namespace) -> Answer:
    """Tell what differs between runs, fact by fact."""
    found = comparing.compare([find_run(workspace, name) for name in options.runs])
    rows = [(name, *(value or "" for value in values)) for name, values in found.different.items()]
    text = "Nothing differs." if not rows else f"{len(rows)} facts differ, {len(found.same)} are the same."
    return Answer(asdict(found), [Table(("", *found.runs), rows)] if rows else [], text)
