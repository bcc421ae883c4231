"""Runs that are there: found by their id, listed by what they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run import filters
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.sweep_record import HYPERDRIVE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator

    from jupyter_ext.core.workspaces.experiment import Experiment
    from jupyter_ext.core.workspaces.workspace import Workspace

    from .run import Run

providers: dict[str, Callable[..., Run]] = {}
"""What makes the runs of a type, where a user has said so."""


def find(workspace: Workspace, run_id: str) -> Run:
    """Return a run; see :meth:`Run.get`."""
    from jupyter_ext.core.workspaces.experiment import Experiment  # noqa: PLC0415 - experiments know runs

    row = workspace._catalogue.find_run(run_id)
    run = of_row(Experiment(workspace, row["experiment"]), row) if row else None
    if run is None:
        raise UserErrorException(f"There is no run {run_id} in workspace {workspace.name!r}.")
    return run


def fitting(
    experiment: Experiment,
    rows: Iterable[sqlite3.Row],
    tags: Any = None,
    properties: Any = None,
    kind: str | None = None,
    status: str | None = None,
) -> Iterator[Run]:
    """Yield the runs of an experiment's rows that fit."""
    for row in rows:
        run = of_row(experiment, row)
        if run is not None and fits(run, tags, properties, kind, status):
            yield run


def of_row(experiment: Experiment, row: sqlite3.Row) -> Run | None:
    """Return a run as the class that its type has; None where its directory was deleted by hand."""
    root = experiment.workspace._paths.root / row["path"]
    if not os.path.isdir(root):  # noqa: PTH112 - of ten thousand runs, each is asked
        return None
    provider = providers.get(row["type"])
    if provider is not None:
        return provider(experiment, row["run_id"])
    return _own_class(row["type"])(experiment, row["run_id"], _paths=RunPaths(root))


def _own_class(kind: str) -> Callable[..., Run]:
    from .run import Run  # noqa: PLC0415 - runs are listed by this module
    from .script_run import ScriptRun  # noqa: PLC0415 - a script run is a run

    if kind == HYPERDRIVE:
        from jupyter_ext.core.sweeps.hyperdrive_run import HyperDriveRun  # noqa: PLC0415 - so is a sweep

        return HyperDriveRun
    return ScriptRun if kind == "azureml.scriptrun" else Run


def fits(run: Run, tags: Any, properties: Any, kind: str | None, status: str | None) -> bool:
    """Tell whether a run is of a type and a state, and has tags and properties."""
    if kind is not None and run.type != kind:
        return False
    if status is not None and run.get_status() != status:
        return False
    return (not tags or filters.fits(run.tags, tags)) and (not properties or filters.fits(run.properties, properties))
