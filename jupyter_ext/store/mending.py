"""What a workspace looks like after something went wrong: its catalogue made again, half-made things found."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.artifacts import UPLOADING
from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state

from .catalogue import Catalogue, run_directories
from .locks import is_locked, locked
from .paths import RunPaths
from .records import TERMINAL, RunSpec, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .paths import WorkspacePaths

_YOUNG_SECONDS = 60.0  # what is younger may be in the making


def damage(paths: WorkspacePaths) -> str | None:
    """Return what is wrong with the file of the catalogue; None where nothing is, or where it is missing."""
    if not paths.catalogue.exists():
        return None
    try:
        connection = sqlite3.connect(f"{paths.catalogue.as_uri()}?mode=rw", uri=True, timeout=30)
        try:
            told = str(connection.execute("PRAGMA quick_check").fetchone()[0])
            connection.execute("SELECT COUNT(*) FROM runs").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if told == "ok" else told.splitlines()[0]


def rebuild(paths: WorkspacePaths) -> list[Path]:
    """Put what there is of the catalogue aside, and make it again from the run directories; return what is aside."""
    mark = f".damaged-{time.time_ns()}"
    with locked(paths.root / ".catalogue.lock"):
        files = [paths.catalogue.with_name(paths.catalogue.name + end) for end in ("", "-wal", "-shm")]
        aside = [file.rename(file.with_name(file.name + mark)) for file in files if file.exists()]
        Catalogue(paths).has_objects()
    return aside


def drift(paths: WorkspacePaths, catalogue: Catalogue, *, mend: bool) -> list[str]:
    """Return in what the catalogue differs from the run directories; bring it up to date."""
    found = []
    rows = {row["run_id"]: row for row in catalogue.runs(children=True)}
    for run in run_directories(paths.runs):
        try:
            known = read_record(run.run_json, RunSpec) is not None
        except msgspec.DecodeError:
            known = False
        row = rows.pop(run.run_id, None)
        if not known:
            continue
        status = read_state(str(run.root))["status"]
        if row is None:
            found.append(f"{run.run_id} was missing")
        elif row["status"] != status:
            found.append(f"{run.run_id} was {row['status']} there and is {status}")
        else:
            continue
        if mend:
            catalogue.index(run)
    gone = [run_id for run_id, row in rows.items() if not (paths.root / row["path"]).is_dir()]
    for run_id in gone if mend else ():
        catalogue.forget(run_id)
    return found + [f"{run_id} has no directory any more" for run_id in gone]


def unattended(paths: WorkspacePaths, catalogue: Catalogue) -> Iterator[tuple[RunPaths, str]]:
    """Yield the runs that have not ended and that no process takes care of, and their states."""
    for row in catalogue.runs(children=True):
        run = RunPaths(paths.root / row["path"])
        if row["status"] in TERMINAL or row["status"] == "Queued" or not _is_old(run.events):
            continue
        locks = [run.runner_lock, *run.launch.glob("*.lock")]
        if any(lock.exists() for lock in locks) and not any(map(is_locked, locks)):
            yield run, row["status"]


def half_made(paths: WorkspacePaths) -> Iterator[tuple[Path, str]]:
    """Yield what was begun and never finished, and is no longer in the making: where it is, and what it is."""
    for run in run_directories(paths.runs):
        try:
            spec = read_record(run.run_json, RunSpec)
        except msgspec.DecodeError as error:
            yield run.run_json, f"a run that cannot be read: {error}"
            continue
        if spec is None and _is_old(run.root):
            yield run.root, "a submission that was cut off before there was a run"
        for part in _old(run.artifacts / UPLOADING, "*"):
            yield part, "an upload that was cut off"
    yield from ((pack, "a snapshot that was cut off") for pack in _old(paths.objects, ".*.pack"))
    yield from ((aside, "a model whose registration was cut off") for aside in _old(paths.models, "*/.new-*"))
    for folder in _old(paths.environments, "*"):
        half = (folder / "build.log").exists() and not (folder / "ready.json").exists()
        if half and not is_locked(folder / "lock"):
            yield (
                folder,
                "an environment whose build did not end well; the next build begins anew, and envs prune removes it",
            )
    for records in (paths.experiments, paths.computes, paths.snapshots):
        yield from ((part, "a record that was cut off while it was written") for part in _old(records, ".*.json.*"))


def forgotten_secrets(paths: WorkspacePaths) -> Iterator[Path]:
    """Yield what was handed to runners of runs that have ended, or never were."""
    for file in _old(paths.handed, "*"):
        run = RunPaths(paths.runs / file.name)
        if not run.run_json.exists() or read_state(str(run.root))["status"] in TERMINAL:
            yield file


def _old(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if _is_old(path)) if folder.is_dir() else []


def _is_old(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return time.time() - path.lstat().st_mtime > _YOUNG_SECONDS
    return False
