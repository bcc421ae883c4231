"""Finds what a command names: the workspace, a run."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout
from itertools import islice
from typing import TYPE_CHECKING

from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean

if TYPE_CHECKING:
    from typing import TextIO

_LAST = "@last"
_SHOWN = 5
_LATEST = 200
_said: set[str] = set()


def current_workspace(name: str | None = None, out: TextIO | None = None) -> Workspace:
    """Return the workspace of a name, else that of ``config.json``, else the default one.

    What there is to say about it is said once in a process.

    Parameters
    ----------
    name
        Its name.
    out
        Where that is said; None for stdout.
    """
    if name is not None:
        return Workspace.get(name)
    with redirect_stdout(io.StringIO()) as heard:
        workspace = Workspace.from_config()
    text = heard.getvalue()
    if text not in _said:
        _said.add(text)
        (out or sys.stdout).write(text)
    return workspace


def find_run(workspace: Workspace, name: str) -> Run:
    """Return the run that is meant by an id, the beginning of one, or ``@last``.

    Raises
    ------
    UserErrorException
        None is meant, or several.
    """
    catalogue = workspace._catalogue
    if name == _LAST:
        row = next(catalogue.runs(), None)
        if row is None:
            raise UserErrorException(f"There is no run in workspace {workspace.name!r} yet: %aml_submit makes one.")
        return Run.get(workspace, row["run_id"])
    if catalogue.find_run(name) is not None:
        return Run.get(workspace, name)
    found = [row["run_id"] for row in catalogue.runs_like(name)]
    if len(found) == 1:
        return Run.get(workspace, found[0])
    if found:
        shown = ", ".join(found[:_SHOWN]) + (" ..." if len(found) > _SHOWN else "")
        raise UserErrorException(f"{name!r} is the beginning of several runs: {shown}. Give more of the id.")
    latest = [row["run_id"] for row in islice(catalogue.runs(), _LATEST)]
    recent, near = ", ".join(latest[:_SHOWN]) or "none yet", did_you_mean(name, latest)
    raise UserErrorException(f"There is no run {name!r} in workspace {workspace.name!r}. The latest: {recent}.{near}")
