"""Finds what an address names, and nothing outside the home."""

from __future__ import annotations

from jupyter_ext.core.runs.ids import checked_run_id
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.workspaces.workspace import Workspace


def find_workspace(name: str) -> Workspace:
    """Return a workspace that exists.

    Raises
    ------
    AzureMLException
        There is none, or there can be none of this name.
    """
    return Workspace.get(name)


def find_run(workspace: str, run_id: str) -> Run:
    """Return a run that exists.

    Raises
    ------
    AzureMLException
        There is none, or there can be none of this id.
    """
    return Run.get(find_workspace(workspace), checked_run_id(run_id))
