"""What a view asks that needs the run itself, with its workspace, and not only its files."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException, UserErrorException
from jupyter_ext.store.live.details import details
from jupyter_ext.store.live.output_files import MOST_FILES
from jupyter_ext.store.live.story import Story
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.records import RunSpec, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .run import Run

_MOST_RUNS = 50


def rerun(run: Run) -> dict[str, Any]:
    """Submit the same run again."""
    from .again import submit_again  # noqa: PLC0415 - seldom asked for, and submitting is heavy

    return {"id": submit_again(run).id}


def runs(run: Run, query: str) -> dict[str, Any]:
    """List the runs that this one can be compared with, those of its experiment first."""
    catalogue = run.experiment.workspace._catalogue
    own = run.experiment.name
    rows = chain(catalogue.runs(experiment=own), (row for row in catalogue.runs() if row["experiment"] != own))
    wanted = query.strip().lower()
    fitting = (
        row
        for row in rows
        if row["run_id"] != run.id and (wanted in row["run_id"].lower() or wanted in row["experiment"].lower())
    )
    return {"runs": list(islice(_told(run, fitting), _MOST_RUNS))}


def _told(run: Run, rows: Iterator[Any]) -> Iterator[dict[str, Any]]:
    root = run.experiment.workspace._paths.root
    for row in rows:
        spec = None
        with suppress(OSError, msgspec.DecodeError):  # a run directory may have been damaged by hand
            spec = read_record(RunPaths(root / row["path"]).run_json, RunSpec)
        if spec is not None:
            yield {
                "id": spec.run_id,
                "experiment": spec.experiment,
                "command": spec.command_line,
                "status": row["status"],
                "created": spec.created,
            }


def compare(run: Run, other: str) -> dict[str, Any]:
    """Tell what differs between this run and another of its workspace."""
    from .compare import compare as compared  # noqa: PLC0415 - seldom asked for

    found = compared([run, run.experiment.workspace.get_run(other)])
    different = [[name, *values] for name, values in found.different.items()]
    return {"runs": found.runs, "different": different, "same": len(found.same)}


def snapshot(run: Run) -> dict[str, Any]:
    """List the files that were sent."""
    from jupyter_ext.store.snapshots.snapshot_files import snapshot_files  # noqa: PLC0415 - seldom asked for

    snapshot_id = _snapshot_id(run)
    files = snapshot_files(run.experiment.workspace._paths, snapshot_id)
    return {"id": snapshot_id, "total": len(files), "files": files[:MOST_FILES]}


def snapshot_file(run: Run, name: str, offset: int, limit: int) -> tuple[dict[str, Any], bytes]:
    """Read a part of a file that was sent."""
    from jupyter_ext.store.snapshots.snapshot_files import read_snapshot_file  # noqa: PLC0415 - seldom asked for

    return read_snapshot_file(run.experiment.workspace._paths, _snapshot_id(run), name, offset, limit)


def _snapshot_id(run: Run) -> str:
    snapshot_id = run.get_snapshot_id()
    if snapshot_id is None:
        raise SnapshotException(f"Run {run.id} has no snapshot: it was not submitted from a folder.")
    return snapshot_id


def reproduce(run: Run) -> dict[str, Any]:
    """Give the ways to make the run again."""
    from jupyter_ext.core.environments.recipes import recipes  # noqa: PLC0415 - seldom asked for

    return {"recipes": recipes(run)}


def register(run: Run, name: str, path: str) -> dict[str, Any]:
    """Register a file, or the files under a folder, as the next version of a model."""
    return {"id": run.register_model(name, path).id}


def change_tags(run: Run, changed: dict[Any, Any], removed: list[Any]) -> None:
    """Set some tags and remove others.

    Raises
    ------
    UserErrorException
        A tag has no name.
    """
    if not all(str(name).strip() for name in changed):
        raise UserErrorException("A tag needs a name.")
    if changed:
        run.set_tags({str(name): str(value) for name, value in changed.items()})
    if removed:
        run.remove_tags([str(name) for name in removed])


def previous(run: Run) -> dict[str, Any]:
    """Give the details of the experiment's run before this one."""
    workspace = run.experiment.workspace
    for row in workspace._catalogue.runs(experiment=run.experiment.name):
        if row["number"] < run.number and (paths := workspace._catalogue.run_paths(row["run_id"])):
            story = Story(paths)
            story.refresh()
            return {"id": row["run_id"], "details": details(story)}
    return {"id": None, "details": []}
