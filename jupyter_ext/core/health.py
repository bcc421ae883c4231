"""Looks at everything that runs stand on, and mends what can be mended."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

import msgspec
from packaging.requirements import Requirement

from jupyter_ext.core.workspaces.record import WorkspaceRecord
from jupyter_ext.engines import docker_engine, engine_address
from jupyter_ext.store import mending
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.data import data_cache
from jupyter_ext.store.paths import WorkspacePaths, home
from jupyter_ext.store.records import read_record
from jupyter_ext.store.runners import tend
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from collections.abc import Iterator

OK, MENDED, NOTE, WRONG = "ok", "mended", "note", "wrong"
_LEAST_BYTES = 1 << 30
_OTHERS_WRITE = 0o022
_SHOWN = 3


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    what
        The thing.
    state
        ``ok``; ``mended``; ``note``, when it is worth knowing; ``wrong``, when runs may fail of it.
    told
        A sentence about it, with the remedy.
    """

    what: str
    state: str
    told: str


def examine(workspace: str | None = None, *, mend: bool = True) -> Iterator[Finding]:
    """Look at this installation, the engine, the disk, and one workspace or all.

    Parameters
    ----------
    workspace
        Only this one.
    mend
        Whether to mend what can be mended.
    """
    yield _versions()
    yield _engine()
    yield _home()
    yield _disk()
    folders = sorted(home().iterdir()) if home().is_dir() else []
    for paths in map(WorkspacePaths, folders):
        if workspace in (None, paths.name) and (paths.record.exists() or paths.runs.is_dir()):
            yield from _workspace(paths, mend=mend)


def _versions() -> Finding:
    missing = []
    for line in requires("jupyter-aml") or ():
        needed = Requirement(line)
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            have = version(needed.name)
        except PackageNotFoundError:
            missing.append(f"{needed.name} is not installed")
        else:
            if not needed.specifier.contains(have, prereleases=True):
                missing.append(f"{needed.name} is {have}, not {needed.specifier}")
    told = f"jupyter-aml {version('jupyter-aml')}, Python {sys.version.split()[0]} ({sys.executable})"
    if missing:
        return Finding("versions", WRONG, f"{told}: {'; '.join(missing)}. Install jupyter-aml again with pip.")
    return Finding("versions", OK, told)


def _engine() -> Finding:
    address = engine_address.address()
    if docker_engine.engine_answers():
        return Finding("engine", OK, f"A container engine answers at {address}.")
    return Finding("engine", NOTE, f"{docker_engine.not_answering().message} Only runs in containers need one.")


def _home() -> Finding:
    folder = home()
    if not folder.exists():
        return Finding("home", OK, f"{folder} is made with the first run.")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Finding("home", WRONG, f"{folder} may not be written to: give it to this user, or set AML_HOME.")
    if folder.stat().st_mode & _OTHERS_WRITE:
        return Finding("home", WRONG, f"Others may write to {folder}, and so into what runs execute: chmod go-w it.")
    return Finding("home", OK, str(folder))


def _disk() -> Finding:
    folder = next(parent for parent in (home(), *home().parents) if parent.exists())
    usage = shutil.disk_usage(folder)
    told = f"{size_text(usage.free)} of {size_text(usage.total)} are free on the disk of {folder}"
    if usage.free < _LEAST_BYTES:
        return Finding("disk", WRONG, f"{told}: free some, runs need it for their files.")
    return Finding("disk", OK, told + ".")


def _workspace(paths: WorkspacePaths, *, mend: bool) -> Iterator[Finding]:
    yield _record(paths)
    broken = mending.damage(paths)
    missing = not paths.catalogue.exists()
    if broken and not mend:
        yield Finding(f"{paths.name}: catalogue", WRONG, f"It is damaged ({broken}). Without --dry-run it is mended.")
        return
    if broken:
        aside = mending.rebuild(paths)
        told = f"It was damaged ({broken}), and is made again from the run directories; {aside[0]} is what it was."
        yield Finding(f"{paths.name}: catalogue", MENDED, told)
    if missing and not mend:
        yield Finding(f"{paths.name}: catalogue", NOTE, "It is missing. It is made again from the run directories.")
        return
    catalogue = Catalogue(paths)
    differs = mending.drift(paths, catalogue, mend=mend)
    runs = sum(1 for _ in catalogue.runs(children=True))
    if differs:
        yield Finding(f"{paths.name}: catalogue", MENDED if mend else NOTE, _few(differs) + ".")
    elif missing:
        yield Finding(f"{paths.name}: catalogue", MENDED, f"It was missing, and is made again: {_count(runs, 'run')}.")
    elif not broken:
        yield Finding(f"{paths.name}: catalogue", OK, f"{_count(runs, 'run')}, each as its directory says.")
    yield from _live(paths, catalogue, mend=mend)
    copies = data_cache.total(paths)
    if copies.files:
        told = f"{_count(copies.files, 'copy', 'copies')} of remote files take {size_text(copies.size)}"
        yield Finding(f"{paths.name}: data-cache", OK, f"{told}; data prune removes those that no live run uses.")
    yield from _leftovers(paths, mend=mend)


def _record(paths: WorkspacePaths) -> Finding:
    try:
        known = read_record(paths.record, WorkspaceRecord)
    except msgspec.DecodeError as error:
        return Finding(paths.name, WRONG, f"{paths.record} cannot be read ({error}): put it right, or remove it.")
    if known is None:
        told = f"{paths.record} is missing: Workspace.create({paths.name!r}) makes it again around the runs."
        return Finding(paths.name, WRONG, told)
    return Finding(paths.name, OK, str(paths.root))


def _live(paths: WorkspacePaths, catalogue: Catalogue, *, mend: bool) -> Iterator[Finding]:
    """See to runs that nobody takes care of: they are adopted, or end with the reason."""
    for run, status in mending.unattended(paths, catalogue):
        told = f"It is {status} and has no runner"
        if mend:
            tend(run, catalogue)
            told += ": it is adopted, or ends with the reason"
        yield Finding(f"{paths.name}: {run.run_id}", MENDED if mend else NOTE, told + ".")


def _leftovers(paths: WorkspacePaths, *, mend: bool) -> Iterator[Finding]:
    for path, what in mending.half_made(paths):
        yield Finding(f"{paths.name}: half-made", NOTE, f"{path}: {what}.")
    for path in mending.forgotten_secrets(paths):
        if mend:
            path.unlink(missing_ok=True)
        told = "what was handed to a run that has ended, secrets among it"
        yield Finding(f"{paths.name}: handed over", MENDED if mend else NOTE, f"{path}: {told}.")


def _few(lines: list[str]) -> str:
    more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return "; ".join(lines[:_SHOWN]) + more


def _count(number: int, noun: str, several: str = "") -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {several or noun + 's'}"
