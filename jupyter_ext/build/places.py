"""Where one environment lies, and the record that says it is finished."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.build.lock import Lock
from jupyter_ext.build.records import Built
from jupyter_ext.store.locks import is_locked
from jupyter_ext.store.records import replace

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Place:
    """The paths of one environment.

    Parameters
    ----------
    root
        The folder of all environments of a workspace.
    key
        The content hash.
    """

    root: Path
    key: str

    @property
    def folder(self) -> Path:
        """All that belongs to this environment."""
        return self.root / self.key

    @property
    def log(self) -> Path:
        """The whole output of the latest build."""
        return self.folder / "build.log"

    @property
    def lock(self) -> Path:
        """Locked while a build goes on."""
        return self.folder / "lock"

    @property
    def ready(self) -> Path:
        """The record of a finished build: written last, so what has none is half-built."""
        return self.folder / "ready.json"

    @property
    def events(self) -> Path:
        """What the latest build has told, as :class:`~jupyter_ext.build.records.Message`, one JSON object a line."""
        return self.folder / "events.jsonl"

    @property
    def is_half_built(self) -> bool:
        """Whether a build was begun that did not come to its end, and that nobody goes on with."""
        return self.read() is None and (self.log.exists() or bool(self.venvs)) and not is_locked(self.lock)

    @property
    def venvs(self) -> list[Path]:
        """The virtual environments, of builds that were never finished too."""
        return list(self.folder.glob("venv-*"))

    def read_lock(self) -> Lock | None:
        """Return what the environment was last made of; it stays when the environment itself is removed."""
        try:
            return msgspec.json.decode(self._packages.read_bytes(), type=Lock)
        except (OSError, msgspec.DecodeError):
            return None

    def write_lock(self, lock: Lock) -> None:
        """Keep what the environment is made of."""
        replace(self._packages, msgspec.json.encode(lock))

    @property
    def _packages(self) -> Path:
        return self.folder / "lock.json"

    def read(self) -> Built | None:
        """Return the record, or None where there is none that can be read."""
        try:
            return msgspec.json.decode(self.ready.read_bytes(), type=Built)
        except (OSError, msgspec.DecodeError):
            return None

    def write(self, built: Built) -> None:
        """Write the record, whole or not at all."""
        replace(self.ready, msgspec.json.encode(built))

    def new_venv(self) -> Path:
        """Return a folder for a virtual environment, in which nothing is yet.

        A rebuilt environment gets another one, since a live run may use the first.
        """
        number = 0
        while (path := self.folder / f"venv-{number}").exists():
            number += 1
        return path

    def remove_half_built(self) -> None:
        """Remove virtual environments that were never finished."""
        for path in self.venvs:
            if not is_whole(path):
                shutil.rmtree(path, ignore_errors=True)


def mark_whole(venv: Path) -> None:
    """Say that a virtual environment is finished."""
    _mark(venv).touch()


def is_whole(venv: Path) -> bool:
    """Tell whether a virtual environment is finished."""
    return _mark(venv).exists()


def _mark(venv: Path) -> Path:
    return venv / ".jupyter-aml-whole"


def size_of(folder: Path) -> int:
    """Return the size of all files in a folder, in bytes."""
    total, waiting = 0, [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total
