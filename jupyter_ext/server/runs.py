"""What can be asked of runs, and done with them, without a WebSocket; called by threads."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.core.rendering.mime_bundle import mime_bundle
from jupyter_ext.core.runs import asked as run_requests
from jupyter_ext.core.runs.again import submit_again
from jupyter_ext.core.runs.deletion import what_goes
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.server.find import find_run, find_workspace, rows_of
from jupyter_ext.server.zips import Member
from jupyter_ext.store.live.feed import RunFeed
from jupyter_ext.store.live.output_files import OutputFiles, file_names, locate
from jupyter_ext.store.snapshots.manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.store.paths import RunPaths


class Tags(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which tags are to be set, and which to be removed."""

    set: dict[str, str | int | float | bool] = {}
    remove: list[str] = []


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed of a run."""

    display_name: str | None = None
    tags: Tags = Tags()


def page(
    workspace: str,
    experiment: str | None,
    statuses: list[str],
    text: str,
    after: tuple[float, str] | None,
    limit: int,
) -> dict[str, Any]:
    """List a page of runs, newest first, with where the next begins."""
    found = find_workspace(workspace)
    rows, more = rows_of(found).page(experiment=experiment, statuses=statuses, text=text, after=after, limit=limit)
    following = f"{rows[-1]['created']!r},{rows[-1]['run_id']}" if more else None
    return {"runs": rows_of(found).of(rows), "next": following, "counts": found._catalogue.counts()}


def run(workspace: str, run_id: str) -> dict[str, Any]:
    """Tell about a run; whoever asks sees to it that a run without a runner goes on."""
    return row(find_run(workspace, run_id))


def bundle(workspace: str, run_id: str) -> dict[str, str]:
    """Give what a notebook keeps of a run, as it is now."""
    feed = RunFeed(find_run(workspace, run_id).paths)
    feed.read_all()
    return mime_bundle(feed)


def row(found: Run) -> dict[str, Any]:
    """Give a run's row."""
    found.get_status()
    workspace = found.experiment.workspace
    known = workspace._catalogue.find_run(found.id)
    rows = rows_of(workspace).of([known] if known is not None else [])
    if not rows:
        raise UserErrorException(f"The record of {found.id} is damaged or gone.")
    return rows[0]


def change(workspace: str, run_id: str, asked: Change) -> dict[str, Any]:
    """Change a run's display name or tags."""
    found = find_run(workspace, run_id)
    run_requests.change_tags(found, asked.tags.set, asked.tags.remove)
    if asked.display_name is not None:
        found.display_name = asked.display_name.strip() or found.id
    return row(found)


def cancel(workspace: str, run_id: str) -> dict[str, Any]:
    """Ask for a run's end."""
    found = find_run(workspace, run_id)
    found.cancel()
    return {"id": found.id, "status": found.get_status()}


def rerun(workspace: str, run_id: str) -> dict[str, Any]:
    """Submit the same run again."""
    return row(submit_again(find_run(workspace, run_id)))


def deletion(workspace: str, run_id: str) -> dict[str, Any]:
    """Tell what goes when a run is deleted."""
    return asdict(what_goes(find_run(workspace, run_id)))


def delete(workspace: str, run_id: str) -> dict[str, Any]:
    """Delete a run with its children."""
    return asdict(find_run(workspace, run_id).delete())


def files(workspace: str, run_id: str) -> list[dict[str, Any]]:
    """List the files that a run produced."""
    found = OutputFiles(find_run(workspace, run_id).paths)
    found.refresh(now=True)
    return found.topic()


def part_of_file(workspace: str, run_id: str, name: str, offset: int, limit: int) -> tuple[dict[str, Any], bytes]:
    """Read a part of a file that a run produced."""
    return OutputFiles(find_run(workspace, run_id).paths).read(name, offset, limit)


def snapshot(workspace: str, run_id: str) -> dict[str, Any]:
    """List the files that were sent."""
    return run_requests.snapshot(find_run(workspace, run_id))


def outputs_of(workspace: str, run_id: str, asked: list[str]) -> list[Member]:
    """Return the files of a run that are asked for, by their names or those of their folders; all where none is."""
    paths = find_run(workspace, run_id).paths
    names = file_names(paths)
    if asked:
        wanted = [name for name in names if any(name == one or name.startswith(f"{one.rstrip('/')}/") for one in asked)]
    else:
        wanted = names
    if not wanted:
        what = f"no file or folder {asked[0]!r}" if asked else "no files yet"
        raise UserErrorException(f"Run {run_id} has {what}.")
    return list(_members(paths, wanted))


def _members(paths: RunPaths, names: list[str]) -> Iterator[Member]:
    for name in names:
        with suppress(UserErrorException):  # a link has been put in its place meanwhile
            yield Member(name, str(locate(paths, name)))


def snapshot_of(workspace: str, run_id: str) -> list[Member]:
    """Return the files that were sent, where they lie in the packs."""
    found = find_run(workspace, run_id)
    snapshot_id = run_requests.snapshot(found)["id"]
    paths = found.experiment.workspace._paths
    entries = [one for one in read_manifest(paths, snapshot_id) if one.kind == "f"]
    return [Member(one.name, str(paths.objects / one.pack), one.offset, one.size) for one in entries]
