"""Copies of remote files, each state of a file once, and how they give their disk back."""

from __future__ import annotations

import os
import posixpath
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blake3 import blake3

from jupyter_ext.store.locks import locked
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.records import TERMINAL, RunSpec, read_record

from .data_files import copy

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.store.catalogue import Catalogue
    from jupyter_ext.store.paths import WorkspacePaths

    from .data_files import Entry

_LOCK = ".lock"
_FOLDERS = "[0-9a-f]*/*"
_JUST_ASKED_SECONDS = 600.0  # who has asked for a copy has opened, linked or copied it by then


@dataclass(frozen=True)
class Size:
    """How much there is.

    Attributes
    ----------
    files
        How many copies.
    size
        Their bytes, those alone that nothing else on this machine shares.
    """

    files: int = 0
    size: int = 0


def cached(entry: Entry, cache: Path) -> Path:
    """Return a copy of a remote file on this machine, made where there is none of this state of it."""
    key = "\0".join((entry.place.who, entry.place.path, str(entry.size), entry.stamp or os.urandom(8).hex()))
    digest = blake3(key.encode()).hexdigest()[:32]
    target = cache / digest[:2] / digest / posixpath.basename(entry.name)
    with locked(cache / _LOCK):
        target.parent.mkdir(parents=True, exist_ok=True)
        os.utime(target.parent)  # when it was asked for last
        if target.exists():
            return target
    copy(entry, target)
    target.chmod(0o444)
    return target


def total(paths: WorkspacePaths) -> Size:
    """Return how much a workspace keeps."""
    return _sum([_size(folder) for folder in paths.data_cache.glob(_FOLDERS)])


def prune(paths: WorkspacePaths, catalogue: Catalogue, *, dry: bool = False) -> tuple[Size, Size]:
    """Remove the copies that no live run uses; they are fetched again when they are asked for.

    Parameters
    ----------
    paths, catalogue
        The workspace.
    dry
        Only tell what would be removed.

    Returns
    -------
    tuple of Size
        What is removed, and what stays.
    """
    cache = paths.data_cache
    if not cache.is_dir():
        return Size(), Size()
    since = _in_use_since(catalogue)
    aside = cache / f".removed-{time.time_ns()}"
    gone, stay = [], []
    with locked(cache / _LOCK):
        for folder in cache.glob(_FOLDERS):
            if _asked_for(folder) >= since:
                stay.append(_size(folder))
                continue
            gone.append(_size(folder))
            if not dry:
                aside.mkdir(exist_ok=True)
                folder.rename(aside / folder.name)
                with suppress(OSError):  # others are in it
                    folder.parent.rmdir()
    for removed in [] if dry else cache.glob(".removed-*"):
        shutil.rmtree(removed, ignore_errors=True)
    return _sum(gone), _sum(stay)


def _in_use_since(catalogue: Catalogue) -> float:
    """Return since when copies were asked for that may be in use: since the oldest live run with data was submitted."""
    live = (row for row in catalogue.runs(children=True) if row["status"] not in TERMINAL)
    specs = (read_record(RunPaths(catalogue.paths.root / row["path"]).run_json, RunSpec) for row in live)
    return min([time.time() - _JUST_ASKED_SECONDS, *(one.created for one in specs if one and one.inputs)])


def _asked_for(folder: Path) -> float:
    """Return when a copy was asked for last; while it is fetched, when it has grown last."""
    return max(path.stat().st_mtime for path in (folder, *folder.glob(".*.part")))


def _size(folder: Path) -> Size:
    found = [file.stat() for file in folder.iterdir()]
    return Size(1, sum(one.st_size for one in found if one.st_nlink == 1))


def _sum(sizes: list[Size]) -> Size:
    return Size(sum(one.files for one in sizes), sum(one.size for one in sizes))
