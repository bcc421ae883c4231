"""What the lists hold; called by threads."""

from __future__ import annotations

from collections import Counter
from typing import Any

from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import DEFAULT_NAME, Workspace
from jupyter_ext.server.find import find_workspace
from jupyter_ext.store.records import TERMINAL


def workspaces() -> list[dict[str, Any]]:
    """List the workspaces; this user's default one is made where it is not there."""
    find_workspace(DEFAULT_NAME)
    return [{"name": name} for name in Workspace.list()]


def experiments(workspace: str) -> list[dict[str, Any]]:
    """List the experiments, with how many runs each has."""
    found = find_workspace(workspace)
    overview = found._catalogue.overview()
    total = Counter(experiment for _, _, experiment, *_ in overview)
    live = Counter(experiment for _, status, experiment, *_ in overview if status not in TERMINAL)
    names = [experiment.name for experiment in Experiment.list(found)]
    return [{"name": name, "total": total[name], "live": live[name]} for name in names]
