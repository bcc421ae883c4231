"""``compare``: what differs between runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.commands.find import find_run
from jupyter_ext.core.runs import code_diff
from jupyter_ext.core.runs import compare as comparing
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.records import RunSpec, read_record

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace

_VIEW = "application/vnd.jupyter-aml.compare+json"
_MOST = 8
"""Runs whose lines can be told apart in a chart."""
_PAIR = 2


def compare(workspace: Workspace, options: Namespace) -> Answer:
    """Tell what differs between runs, fact by fact."""
    runs = list(dict.fromkeys(find_run(workspace, name) for name in options.runs))
    if options.code:
        return _code(runs)
    found = comparing.compare(runs)
    rows = [(name, *("—" if value is None else value for value in values)) for name, values in found.different.items()]
    text = "Nothing differs." if not rows else f"{len(rows)} facts differ, {len(found.same)} are the same."
    tables = [Table(("", *found.runs), rows)] if rows else []
    return Answer(asdict(found), tables, text, views=_views(workspace, runs))


def _views(workspace: Workspace, runs: Sequence[Run]) -> dict[str, Any]:
    """Name the runs to a front end, which shows their charts and their code too."""
    specs = [spec for run in runs if (spec := read_record(run.paths.run_json, RunSpec)) is not None]
    if len(specs) != len(runs) or len(runs) > _MOST:
        return {}
    return {_VIEW: {"workspace": workspace.name, "runs": [{"id": one.run_id, "created": one.created} for one in specs]}}


def _code(runs: Sequence[Run]) -> Answer:
    if len(runs) != _PAIR:
        raise UserErrorException(f"--code takes two runs, and {len(runs)} are named.")
    found = code_diff.code_diff(*runs)
    return Answer(asdict(found), text=code_diff.as_text(found).rstrip("\n") or "The code is the same.")
