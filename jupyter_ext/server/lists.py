"""What the lists hold; called by threads."""

from __future__ import annotations

from collections import Counter
from typing import Any

from jupyter_ext.core.computes.managing import list_computes
from jupyter_ext.core.environments import versions as registered
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.models.model import Model
from jupyter_ext.core.runs.summaries import environment_summary, model_summary
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


def environments(workspace: str) -> list[dict[str, Any]]:
    """List the latest version of each registered environment."""
    found = find_workspace(workspace)
    return [environment_summary(Environment.get(found, name)) for name in registered.names(found._paths)]


def computes(workspace: str) -> list[dict[str, Any]]:
    """List the compute targets, this machine first."""
    return list_computes(find_workspace(workspace))


def models(workspace: str) -> list[dict[str, Any]]:
    """List every version of every model."""
    return [model_summary(model) for model in Model.list(find_workspace(workspace))]
