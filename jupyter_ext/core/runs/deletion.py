"""The end of a run for good: its folder, with those of its children."""

from __future__ import annotations

import os
import shutil
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.handed import forget_handed
from jupyter_ext.store.live.output_files import file_names
from jupyter_ext.store.locks import is_locked
from jupyter_ext.store.models import ModelStore
from jupyter_ext.store.queueing.queue import Queue
from jupyter_ext.store.records import TERMINAL

if TYPE_CHECKING:
    from pathlib import Path

    from .run import Run


@dataclass(frozen=True)
class Deletion:
    """What goes when a run is deleted.

    Attributes
    ----------
    id
        The run.
    folder
        Its folder.
    files
        How many outputs and logs are in it and in those of its children.
    size
        How many bytes all of that takes, the working folders included.
    children
        The runs below it, which go with it.
    models
        The models that were registered from them, as ``name:version``: they keep their files.
    refused
        Why it cannot be deleted now, with the remedy; None where it can.
    """

    id: str
    folder: str
    files: int
    size: int
    children: list[str]
    models: list[str]
    refused: str | None


def what_goes(run: Run) -> Deletion:
    """Tell what goes when a run is deleted."""
    children = list(run.get_children(recursive=True))
    runs = [run, *children]
    ids = {one.id for one in runs}
    models = ModelStore(run.experiment.workspace._paths).records()
    outside = [one for one in runs if not one.paths.root.is_relative_to(run.paths.root) or one is run]
    return Deletion(
        id=run.id,
        folder=str(run.paths.root),
        files=sum(len(file_names(one.paths)) for one in runs),
        size=sum(_size(one.paths.root) for one in outside),
        children=[one.id for one in children],
        models=[f"{model.name}:{model.version}" for model in models if model.run_id in ids],
        refused=_refusal(run, children),
    )


def delete(run: Run) -> Deletion:
    """Delete a run with its children, its logs, metrics and outputs; return what has gone.

    Models that were registered from it keep their files, and so do runs that were submitted with its snapshot.

    Raises
    ------
    UserErrorException
        It, one of its children or its parent has not ended; or another has just deleted it.
    """
    try:
        gone = what_goes(run)
    except FileNotFoundError as error:
        raise UserErrorException(f"Run {run.id} is gone: {run.paths.root} was deleted.") from error
    if gone.refused:
        raise UserErrorException(gone.refused)
    catalogue = run.experiment.workspace._catalogue
    moved = []
    for one in [*reversed(list(run.get_children(recursive=True))), run]:
        moved.append(_moved(one.paths.root, catalogue.paths.deleted))
        forget_handed(one.paths)
        Queue(catalogue).leave(one.id)
        catalogue.forget(one.id)
    shutil.rmtree(catalogue.paths.deleted, ignore_errors=True)  # with what a delete that was killed has left there
    left = [folder for folder in moved if folder.exists()]
    if left:
        raise UserErrorException(
            f"Run {run.id} is deleted, but files of another user still lie in {left[0]}: remove that folder as the "
            "user who owns them."
        )
    return gone


def _refusal(run: Run, children: list[Run]) -> str | None:
    parent = run.parent if run._spec.parent else None
    if parent is not None and parent.get_status() not in TERMINAL:
        return f"Run {run.id} belongs to {parent.id}, which goes on: cancel that first, or wait for its end."
    live = [one for one in (run, *children) if one.get_status() not in TERMINAL]
    if live:
        which = f"Run {run.id}" if live[0] is run else f"Its child {live[0].id}"
        return f"{which} has not ended, it is {live[0].status}: cancel it first (%aml cancel {live[0].id})."
    ending = next((one for one in (run, *children) if is_locked(one.paths.runner_lock)), None)
    return f"Run {ending.id} is just ending: try again in a moment." if ending else None


def _moved(folder: Path, aside: Path) -> Path:
    """Take a folder away in one step, so that it is there whole or not at all; return where it is now."""
    to = aside / uuid.uuid4().hex
    while folder.exists():
        aside.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):  # another has deleted it meanwhile, or has removed what lies aside
            folder.rename(to)
    return to


def _size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - there may be many
    return total
