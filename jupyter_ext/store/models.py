"""Registered models: files under a name and a version.

A version's folder is made aside and then given its name, so that it is there whole or not at all, and two who
register at once get two versions.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    ModelPathNotFoundException,
    UserErrorException,
    WebserviceException,
)
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.live.output_files import file_names, locate

from .locks import locked
from .opened import lies_in
from .records import ModelRecord, RunSpec, encode, read_record, replace, user_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from .paths import RunPaths, WorkspacePaths

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}\Z")
_FILES = "files"
_RECORD = "model.json"
_LAST = ".last-version"


class ModelStore:
    """The registered models of a workspace.

    Parameters
    ----------
    paths
        The workspace.
    """

    def __init__(self, paths: WorkspacePaths) -> None:
        self._root = paths.models

    def folder(self, name: str, version: int) -> Path:
        """Return where a version's record and files lie."""
        return self._root / name / str(version)

    def files(self, record: ModelRecord) -> Path:
        """Return a version's file or folder; the folder of its files where it has several."""
        folder = self.folder(record.name, record.version) / _FILES
        entries = list(folder.iterdir())
        return entries[0] if len(entries) == 1 else folder

    def records(self, name: str | None = None) -> list[ModelRecord]:
        """Return the records of a model, or of all, oldest version first."""
        if name and not _NAME.match(name):
            return []  # a path could lead out
        folders = [self._root / name] if name else sorted(self._root.iterdir()) if self._root.is_dir() else []
        files = [file for folder in folders if folder.is_dir() for file in folder.glob(f"[0-9]*/{_RECORD}")]
        records = [record for file in files if (record := read_record(file, ModelRecord)) is not None]
        return sorted(records, key=lambda record: (record.name, record.version))

    def find(self, name: str, version: int | None = None) -> ModelRecord:
        """Return a version of a model, the latest where none is named.

        Raises
        ------
        WebserviceException
            There is none; the message begins with ``ModelNotFound`` (v1).
        """
        records = [record for record in self.records(name) if version in (None, record.version)] if name else []
        if not records:
            raise self.not_found(name, version)
        return records[-1]

    def not_found(self, name: str | None, version: Any = None) -> WebserviceException:
        """Return what is raised where there is no such model."""
        names = sorted({record.name for record in self.records()})
        which = f" version {version}" if version else ""
        return WebserviceException(
            f"ModelNotFound: there is no model {name!r}{which} in workspace {self._root.parent.name!r} that fits "
            f"(registered: {', '.join(names) or 'none yet'})." + ("" if name in names else did_you_mean(name, names)),
            status_code=404,
        )

    def check_name(self, name: str) -> None:
        """Refuse a name that is not legal.

        Raises
        ------
        WebserviceException
            It is not.
        """
        if not isinstance(name, str) or not _NAME.match(name):
            raise WebserviceException(
                f"{name!r} cannot be a model's name: use 1 to 255 letters, digits, '-', '.' and '_', "
                "a letter or digit first."
            )

    def register(
        self, name: str, sources: dict[str, Path], about: dict[str, Any], within: Path | None = None
    ) -> ModelRecord:
        """Copy files aside, then take the next free version for them.

        Parameters
        ----------
        sources
            What to copy, by the name that it gets.
        about
            Fields of the record; those that are None are left out.
        within
            The folder, which leads through no link, that the files have to lie in; None: they are the user's own.

        Raises
        ------
        WebserviceException
            The name is not legal.
        """
        self.check_name(name)
        models = self._root / name
        models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=models, prefix=".new-") as aside:
            whole = Path(aside) / "version"
            (whole / _FILES).mkdir(parents=True)
            for base, source in sources.items():
                copy(source, whole / _FILES / base, within)
            return self._take_version(name, whole, Path(next(iter(sources))).parts[0], about)

    def _take_version(self, name: str, whole: Path, base: str, about: dict[str, Any]) -> ModelRecord:
        size = sum(file.stat().st_size for file in whole.rglob("*") if file.is_file())
        given = {key: value for key, value in about.items() if value is not None}
        while True:
            version = max([record.version for record in self.records(name)] + [self._last_deleted(name)]) + 1
            record = ModelRecord(
                name=name, version=version, created=time.time(), path=base, size=size, created_by=user_name(), **given
            )
            (whole / _RECORD).write_bytes(encode(record))
            try:
                whole.rename(self.folder(name, version))
            except OSError:  # another has taken this version meanwhile
                if not self.folder(name, version).exists():
                    raise
                continue
            return record

    def register_from_run(
        self, run: RunPaths, name: str, path: str, about: dict[str, Any], within: Path | None = None
    ) -> ModelRecord:
        """Register a file, or the files under a folder, of a run; ``within``: as for :meth:`register`, its own folder.

        Raises
        ------
        ModelPathNotFoundException
            The run has no such file or folder.
        """
        wanted = path.strip("/").removeprefix("./")
        names = file_names(run)
        given = {key: value for key, value in about.items() if value is not None}
        above = len(wanted) - len(Path(wanted).name)
        found = [one for one in names if one == wanted or one.startswith(f"{wanted}/")]
        spec = read_record(run.run_json, RunSpec)
        used = [[one.name, one.dataset.id] for one in (spec.inputs if spec else ()) if one.dataset.id]
        if not found:
            raise ModelPathNotFoundException(
                f"The run has no file or folder {path!r}. It has: {', '.join(names) or 'no files yet'}."
                f"{did_you_mean(wanted, names)}"
            )
        sources = {one[above:]: locate(run, one) for one in found}
        return self.register(name, sources, {"datasets": used, **given}, within or run.root.resolve())

    def change(self, record: ModelRecord, change: Callable[[ModelRecord], dict[str, Any]]) -> ModelRecord:
        """Change a version's record as it is now; return it."""
        file = self.folder(record.name, record.version) / _RECORD
        with locked(self._root / record.name / f".{record.version}.lock"):
            kept = read_record(file, ModelRecord)
            if kept is None:
                raise UserErrorException(f"Model {record.name}:{record.version} has been deleted.")
            changed = msgspec.structs.replace(kept, **change(kept))
            replace(file, encode(changed))
        return changed

    def delete(self, record: ModelRecord) -> None:
        """Delete a version with its files; its number is not given to another."""
        file = self._root / record.name / _LAST
        with locked(file.with_name(f"{_LAST}.lock")):
            if record.version > self._last_deleted(record.name):
                replace(file, str(record.version).encode())
        shutil.rmtree(self.folder(record.name, record.version))

    def _last_deleted(self, name: str) -> int:
        """Return the highest version that was deleted, 0 for none."""
        try:
            return int((self._root / name / _LAST).read_text())
        except FileNotFoundError:
            return 0


def copy(source: Path, target: Path, within: Path | None = None) -> None:
    """Copy a file or a folder to a path; with ``within`` a file that lies there, whatever a script does meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if within is not None:
        with open(os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123 - no pipe
            if not lies_in(file.fileno(), within):
                raise UserErrorException(f"{source} leads out of the run: register the file itself.")
            with target.open("wb") as copied:
                shutil.copyfileobj(file, copied)
    elif source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
