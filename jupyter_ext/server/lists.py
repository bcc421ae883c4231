"""What the lists hold; called by threads."""

from __future__ import annotations

from typing import Any

from jupyter_ext.core.computes.managing import list_computes
from jupyter_ext.core.environments import versions as registered
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.models.model import Model
from jupyter_ext.core.runs.summaries import environment_summary, model_summary, run_summary
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.server.find import find_run, find_workspace
from jupyter_ext.store.output_files import OutputFiles
from jupyter_ext.store.paths import RunPaths


def workspaces() -> list[dict[str, Any]]:
    """List the workspaces."""
    return [{"name": name} for name in Workspace.list()]


def experiments(workspace: str) -> list[dict[str, Any]]:
    """List the experiments."""
    return [{"name": experiment.name} for experiment in Experiment.list(find_workspace(workspace))]


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


def runs(
    workspace: str,
    experiment: str | None,
    statuses: list[str],
    text: str,
    after: tuple[float, str] | None,
    limit: int,
) -> dict[str, Any]:
    """List a page of runs, newest first, with where the next begins."""
    found = find_workspace(workspace)
    rows = found._catalogue.page(experiment=experiment, statuses=statuses, text=text, after=after, limit=limit)
    root = found._paths.root
    told = [told for row in rows if (told := run_summary(RunPaths(root / row["path"]), row["status"])) is not None]
    following = f"{rows[-1]['created']!r},{rows[-1]['run_id']}" if len(rows) == limit else None
    return {"runs": told, "next": following, "counts": found._catalogue.counts()}


def run(workspace: str, run_id: str) -> dict[str, Any]:
    """Tell about a run; whoever asks sees to it that a run without a runner goes on."""
    found = find_run(workspace, run_id)
    summary = run_summary(found.paths, found.get_status())
    if summary is None:
        raise UserErrorException(f"The record of {found.id} is damaged or gone.")
    return summary


def cancel(workspace: str, run_id: str) -> dict[str, Any]:
    """Ask for a run's end."""
    found = find_run(workspace, run_id)
    found.cancel()
    return {"id": found.id, "status": found.get_status()}


def files(workspace: str, run_id: str) -> list[dict[str, Any]]:
    """List the files that a run produced."""
    found = OutputFiles(find_run(workspace, run_id).paths)
    found.refresh(now=True)
    return found.topic()


def part_of_file(workspace: str, run_id: str, name: str, offset: int, limit: int) -> tuple[dict[str, Any], bytes]:
    """Read a part of a file that a run produced."""
    return OutputFiles(find_run(workspace, run_id).paths).read(name, offset, limit)
