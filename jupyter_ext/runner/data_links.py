"""Where a script is told to find its data: links in its folder, and absolute ones, which runs may share.

A container has its own root, a process has this machine's. Runs that want the same data at the same absolute path at
once find it there until the last of them has ended.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.data.data_records import PreparedData
from jupyter_ext.store.locks import locked
from jupyter_ext.store.queueing.queue import Queue
from jupyter_ext.store.records import TERMINAL, RunSpec, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from jupyter_ext.store.paths import RunPaths

PREPARED = "prepared.json"
_LOCK = "data-links.lock"


def prepared_data(paths: RunPaths) -> PreparedData:
    """Return what the launcher needs to know of a run's data."""
    return read_record(paths.data / PREPARED, PreparedData) or PreparedData()


def make_links(paths: RunPaths, prepared: PreparedData) -> None:
    """Let the script find data where it was told; its folder is laid out by now.

    Raises
    ------
    UserErrorException
        Something else is there, or this user may not write there.
    """
    for where, target in prepared.links:
        link = paths.work / where
        try:
            link.parent.mkdir(parents=True, exist_ok=True)
            if not target:
                link.mkdir(exist_ok=True)
            elif Path(where).is_absolute():
                _make_absolute(paths, where, target)
            elif os.path.lexists(link) and not _leads_to(link, target):
                raise _taken(where)
            elif not link.is_symlink():
                link.symlink_to(target)
        except PermissionError as error:
            raise UserErrorException(
                f"Data cannot be put at {where}: {error.strerror}. Choose a path_on_compute that you may write to, "
                "such as a relative one, which lies in the script's folder, or run in a container."
            ) from error


def remove_links(paths: RunPaths) -> None:
    """Remove the absolute links of a run, but for those that another run needs still."""
    for where, target in prepared_data(paths).links:
        link = Path(where)
        if not target or not link.is_absolute():
            continue
        with _lock(paths):
            if not _leads_to(link, target):
                continue
            heir = next((other for other in _others(paths, where) if other.data == _data_at(paths, where)), None)
            if heir is None:
                link.unlink()
            elif heir.target != target:
                _lead_to(link, heir.target)


class _Other(NamedTuple):
    run_id: str
    target: str
    data: tuple[str, str] | None


def _make_absolute(paths: RunPaths, where: str, target: str) -> None:
    link = Path(where)
    with _lock(paths):
        if not os.path.lexists(link) or _is_left_over(paths, link):
            _lead_to(link, target)
            return
        if _leads_to(link, target):
            return
        other = next((one for one in _others(paths, where) if _leads_to(link, one.target)), None)
        if other is None:
            raise _taken(where)
        if other.data is None or other.data != _data_at(paths, where):
            raise UserErrorException(
                f"Data cannot be put at {where}: run {other.run_id} has other data there until it ends. "
                "Choose another path_on_compute, or run in containers, which have a root of their own."
            )


def _lock(paths: RunPaths) -> AbstractContextManager[None]:
    return locked(paths.workspace.root / _LOCK)


def _others(paths: RunPaths, where: str) -> Iterator[_Other]:
    """Yield the other runs that wait or go on and have their data at ``where``."""
    catalogue = Catalogue(paths.workspace)
    for run_id in Queue(catalogue).members():
        other = catalogue.run_paths(run_id)
        if other is None or run_id == paths.run_id or read_state(str(other.root))["status"] in TERMINAL:
            continue
        target = dict(prepared_data(other).links).get(where)
        if target:
            yield _Other(run_id, target, _data_at(other, where))


def _data_at(paths: RunPaths, where: str) -> tuple[str, str] | None:
    """Return which dataset a run has at ``where`` and how; None where it is an output."""
    spec = read_record(paths.run_json, RunSpec)
    inputs = spec.inputs if spec else []
    return next(((one.dataset.identity, one.mode) for one in inputs if one.path_on_compute == where), None)


def _is_left_over(paths: RunPaths, link: Path) -> bool:
    """Tell whether a link leads into a run that has ended: its runner was killed, and no other came after it."""
    if not link.is_symlink():
        return False
    runs, target = paths.root.parent, link.readlink()
    if not target.is_relative_to(runs) or target == runs:
        return False
    root = runs / target.relative_to(runs).parts[0]
    return not root.exists() or read_state(str(root))["status"] in TERMINAL


def _leads_to(link: Path, target: str) -> bool:
    return link.is_symlink() and link.readlink() == Path(target)


def _lead_to(link: Path, target: str) -> None:
    """Make a link, or let one lead elsewhere, at once."""
    aside = link.with_name(f".{link.name}.{uuid.uuid4().hex[:8]}")
    aside.symlink_to(target)
    aside.replace(link)


def _taken(where: str) -> UserErrorException:
    return UserErrorException(
        f"Data cannot be put at {where}: something else is there. Choose another path_on_compute."
    )
