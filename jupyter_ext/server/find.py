"""Finds what an address names, and nothing outside the home."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jupyter_ext.core.runs.ids import checked_run_id
from jupyter_ext.core.runs.rows import RunRows
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.workspaces.workspace import DEFAULT_NAME, Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException, UserErrorException

if TYPE_CHECKING:
    from pathlib import Path


class Unfound(UserErrorException):
    """There is none of this name."""


def find_workspace(name: str) -> Workspace:
    """Return a workspace that exists; this user's default one is made where it is not there.

    Raises
    ------
    Unfound
        There is none, or there can be none of this name.
    """
    try:
        return Workspace.setup() if name == DEFAULT_NAME else Workspace.get(name)
    except AzureMLException as error:
        raise Unfound(error.message) from error


def find_run(workspace: str, run_id: str) -> Run:
    """Return a run that exists.

    Raises
    ------
    Unfound
        There is none, or there can be none of this id.
    """
    found = find_workspace(workspace)
    try:
        return Run.get(found, checked_run_id(run_id))
    except AzureMLException as error:
        raise Unfound(error.message) from error


def rows_of(workspace: Workspace) -> RunRows:
    """Return the rows of a workspace's runs, which this server keeps."""
    return _rows(workspace._paths.root)


@cache
def _rows(root: Path) -> RunRows:
    return RunRows(find_workspace(root.name))
