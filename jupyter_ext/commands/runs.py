"""``runs``, ``show``, ``rerun``, ``cancel`` and ``download``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.commands.find import find_run
from jupyter_ext.core.rendering import text
from jupyter_ext.core.rendering.spelling import duration, ran, sign
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.times import iso
from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.live.feed import RunFeed
from jupyter_ext.store.records import TERMINAL, RunSpec, read_record
from jupyter_ext.store.spelling import ago

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from jupyter_ext.core.workspaces.workspace import Workspace

_WHAT_WIDTH = 120
_STATES = frozenset(
    {"NotStarted", "Starting", "Provisioning", "Preparing", "Queued", "Running", "Finalizing", "CancelRequested"}
) | {*TERMINAL, "NotResponding"}


def runs(workspace: Workspace, options: Namespace) -> Answer:
    """List the latest runs, newest first."""
    if options.status is not None and options.status not in _STATES:
        near = did_you_mean(options.status, _STATES)
        known = ", ".join(sorted(_STATES))
        raise UserErrorException(f"There is no state {options.status!r}. The states: {known}.{near}")
    if options.limit < 1:
        raise UserErrorException(f"--limit is {options.limit}: ask for at least 1.")
    found = []
    for facts in _facts(workspace, options.experiment):
        if options.status in (None, facts["status"]):
            found.append(facts)
        if len(found) == options.limit:
            break
    if not found:
        which = f" of experiment {options.experiment}" if options.experiment else ""
        near = did_you_mean(options.experiment, set(workspace.experiments) - {options.experiment})
        return Answer([], text=f"There is no run{which} in workspace {workspace.name!r} yet.{near}")
    rows = [
        (
            f"{sign(one['status'])} {one['status']}",
            one["run_id"],
            one["experiment"],
            ago(one["created"]),
            duration(one["seconds"]),
            _abridged(one["reason"] or one["command"] or ""),
        )
        for one in found
    ]
    data = [{**one, "created": iso(one["created"])} for one in found]
    return Answer(data, [Table(("status", "run", "experiment", "created", "ran", "what"), rows)])


def show(workspace: Workspace, options: Namespace) -> Answer:
    """Tell about one run."""
    run = find_run(workspace, options.run)
    feed = RunFeed(run.paths)
    feed.read_all()
    seconds = ran(feed.run())
    data = {
        **run.get_details(),
        "seconds": None if seconds is None else round(seconds, 3),
        "metrics": run.get_metrics(),
        "files": run.get_file_names(),
        "tags": run.tags,
    }
    tables = [Table(("", ""), table["rows"], table["title"]) for table in feed.details() if table["rows"]]
    return Answer(data, tables, text.render(feed))


def rerun(workspace: Workspace, options: Namespace) -> Answer:
    """Submit the same run again."""
    from jupyter_ext.core.runs.again import submit_again  # noqa: PLC0415 - submitting is heavy, and the rest is not

    run = submit_again(find_run(workspace, options.run))
    return Answer({"run_id": run.id}, text=f"Submitted as {run.id}.")


def cancel(workspace: Workspace, options: Namespace) -> Answer:
    """Ask for the end of runs."""
    asked = [find_run(workspace, name) for name in options.runs]
    rows = []
    for run in asked:
        status = run.get_status()
        if status not in TERMINAL:
            run.cancel()
        rows.append((run.id, f"had ended: {status}" if status in TERMINAL else "is being canceled"))
    data = [{"run_id": run.id, "status": run.get_status()} for run in asked]
    return Answer(data, [Table(("run", ""), rows)])


def download(workspace: Workspace, options: Namespace) -> Answer:
    """Copy files of a run, under the names that they have there."""
    run = find_run(workspace, options.run)
    # not straight into the folder: its next run would be sent these outputs, and have them as its own
    target = Path(options.to or run.id).expanduser()
    have = run.get_file_names()
    copied = []
    for asked in options.names or ["outputs"]:
        folder = asked.rstrip("/") + "/"
        names = [name for name in have if name == asked or name.startswith(folder)]
        if not names:
            known, near = ", ".join(have) or "no files yet", did_you_mean(asked, have)
            raise UserErrorException(f"Run {run.id} has no {asked!r}. It has: {known}.{near}")
        copied += [name for name in names if name not in copied]
    for name in copied:
        run.download_file(name, str(target / name))
    paths = [str(target / name) for name in copied]
    return Answer(paths, [Table(("file",), [(path,) for path in paths])])


def _abridged(text: str) -> str:
    """Return the beginning of a text on one line; ``show`` tells it all."""
    line = " ".join(text.split())
    return line if len(line) <= _WHAT_WIDTH else f"{line[: _WHAT_WIDTH - 1]}…"


def _facts(workspace: Workspace, experiment: str | None) -> Iterator[dict[str, Any]]:
    for row in workspace._catalogue.runs(experiment=experiment):
        paths = workspace._catalogue.run_paths(row["run_id"])
        spec = read_record(paths.run_json, RunSpec) if paths else None
        if paths is None or spec is None:
            continue
        status = row["status"] if row["status"] in TERMINAL else Run.get(workspace, spec.run_id).get_status()
        state = read_state(str(paths.root))
        seconds = ran({**state, "now": time.time()})
        yield {
            "run_id": spec.run_id,
            "experiment": spec.experiment,
            "status": status,
            "reason": state["reason"] if status == "Failed" else None,
            "command": spec.command_line,
            "target": spec.target,
            "created": spec.created,
            "seconds": None if seconds is None else round(seconds, 3),
            "path": str(paths.root),
        }
