"""Which runs use which environment."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from jupyter_ext.build import inventory
from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.records import TERMINAL, BuiltRecord, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.core.workspaces.workspace import Workspace

_RecordT = TypeVar("_RecordT", bound=msgspec.Struct)


class _Name(msgspec.Struct, frozen=True):
    """What an environment is called."""

    name: str | None = None
    version: str | None = None

    @property
    def text(self) -> str:
        return f"{self.name}:{self.version}" if self.version else str(self.name)


class _Named(msgspec.Struct, frozen=True):
    """What of a run's ``run.json`` names its environment."""

    run_id: str
    environment: _Name | None = None


class _Key(msgspec.Struct, frozen=True):
    """What of a run's record of what was built for it tells the content hash."""

    key: str


class _Asked(msgspec.Struct, frozen=True):
    """What of a run's ``run.json`` tells its environment."""

    run_id: str
    environment: dict[str, Any] | None = None
    container: bool = False
    source_directory: str | None = None


class Usage:
    """Which runs of a workspace asked for what, and which of them are live.

    Attributes
    ----------
    by_name
        The runs by the name and the version of what they asked for, the newest first.
    by_key
        The same by the content hash of what they were given.
    asked_as
        By content hash, what the latest run that was given it asked for.
    live
        For each live run what it uses, by content hash and image id.
    in_use
        The interpreters and images that live runs were given.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.by_name: dict[tuple[str | None, str | None], list[str]] = {}
        self.by_key: dict[str, list[str]] = {}
        self.asked_as: dict[str, str] = {}
        for row in workspace._catalogue.runs(children=True):
            paths = RunPaths(workspace._paths.root / row["path"])
            asked = _read_once(paths.run_json, _Named)
            if asked is None or asked.environment is None:
                continue
            name = asked.environment
            self.by_name.setdefault((name.name, name.version), []).append(asked.run_id)
            built = _read_once(paths.built, _Key)
            if built is not None:
                self.by_key.setdefault(built.key, []).append(asked.run_id)
                self.asked_as.setdefault(built.key, name.text)
        live = list(_live_runs(workspace))
        self.live = {asked.run_id: _used(asked, paths) for asked, paths in live}
        given = [read_record(paths.built, BuiltRecord) for _, paths in live]
        self.in_use = {one for built in given if built is not None for one in (built.python, built.image or "")}


def is_live(workspace: Workspace, kept: inventory.Kept) -> bool:
    """Tell whether a live run uses what is kept."""
    mine = {kept.key, kept.built.image if kept.built else None}
    return any(mine & _used(asked, paths) for asked, paths in _live_runs(workspace))


def _live_runs(workspace: Workspace) -> Iterator[tuple[_Asked, RunPaths]]:
    """Yield the runs that asked for an environment and have not ended, the newest first."""
    for row in workspace._catalogue.runs(children=True):
        if row["status"] in TERMINAL:
            continue
        paths = RunPaths(workspace._paths.root / row["path"])
        asked = read_record(paths.run_json, _Asked)
        if asked is None or asked.environment is None or read_state(str(paths.root))["status"] in TERMINAL:
            continue
        yield asked, paths


def _read_once(path: Path, kind: type[_RecordT]) -> _RecordT | None:
    """Read a record that is never written anew: a list of environments looks at those of every run, each time."""
    try:
        return _read(str(path), os.stat(path).st_mtime_ns, kind)  # noqa: PTH116 - half the time of pathlib's
    except FileNotFoundError:
        return None


@lru_cache(maxsize=100_000)
def _read(path: str, _written: int, kind: type[_RecordT]) -> _RecordT | None:
    return read_record(Path(path), kind)


def _used(asked: _Asked, paths: RunPaths) -> set[str | None]:
    """Return what a run uses: what it was given, by content hash and image id, and what it will ask for."""
    given = read_record(paths.built, BuiltRecord)
    folder = Path(asked.source_directory or "/")
    try:
        wanted = inventory.key_of(asked.environment or {}, container=asked.container, folder=folder)
    except (UserErrorException, OSError):  # a file that it names is gone
        wanted = None
    return {wanted, *((given.key, given.image) if given is not None else ())} - {None}
