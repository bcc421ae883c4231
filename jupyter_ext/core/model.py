"""Registered models: files under a name and a version."""

from __future__ import annotations

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
from jupyter_ext.store.output_files import locate
from jupyter_ext.store.records import ModelRecord, encode, read_record, replace

from .times import iso

if TYPE_CHECKING:
    from .run import Run
    from .workspace import Workspace

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,254}\Z")
_FILES = "files"
_RECORD = "model.json"


class Model:
    """A version of a registered model.

    Parameters
    ----------
    workspace
        The workspace.
    name
        The model.
    id
        ``name:version`` in place of ``name`` and ``version``.
    tags
        Only a version that has these: ``'key'`` or ``['key', 'value']`` each.
    version
        Which version; the latest where it is None.
    run_id
        Only a version that this run has registered.

    Raises
    ------
    WebserviceException
        There is no such model; the message begins with ``ModelNotFound`` (v1).
    """

    def __init__(
        self,
        workspace: Workspace,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - v1's name
        tags: Any = None,
        properties: Any = None,
        version: int | None = None,
        run_id: str | None = None,
        model_framework: str | None = None,
        workspace_id: str | None = None,
        expand: bool = True,
        **kwargs: Any,
    ) -> None:
        del workspace_id, expand, kwargs
        if id is not None:
            name, _, text = id.rpartition(":")
            version = int(text) if text.isdigit() else None
        wanted = int(version) if version is not None else None
        records = [
            record
            for record in _records(workspace, name)
            if (wanted is None or record.version == wanted)
            and (run_id is None or record.run_id == run_id)
            and (model_framework is None or record.framework == model_framework)
            and _has(record.tags, tags)
            and _has(record.properties, properties)
        ]
        if not records:
            known = ", ".join(sorted({record.name for record in _records(workspace, None)})) or "none yet"
            raise WebserviceException(
                f"ModelNotFound: there is no model {name!r}{f' version {version}' if version else ''} in workspace "
                f"{workspace.name!r} that fits (registered: {known})."
            )
        self.workspace = workspace
        self._record = records[-1]

    @property
    def name(self) -> str:
        """The model's name."""
        return self._record.name

    @property
    def version(self) -> int:
        """The version, from 1."""
        return self._record.version

    @property
    def id(self) -> str:
        """``name:version``."""
        return f"{self.name}:{self.version}"

    @property
    def tags(self) -> dict[str, str | None]:
        """The tags."""
        return dict(self._record.tags)

    @property
    def properties(self) -> dict[str, str | None]:
        """The properties, which never change."""
        return dict(self._record.properties)

    @property
    def description(self) -> str | None:
        """The description."""
        return self._record.description

    @property
    def run_id(self) -> str | None:
        """The run that made it."""
        return self._record.run_id

    @property
    def experiment_name(self) -> str | None:
        """The experiment of the run that made it."""
        return self._record.experiment

    @property
    def run(self) -> Run | None:
        """The run that made it."""
        return self.workspace.get_run(self._record.run_id) if self._record.run_id else None

    @property
    def model_framework(self) -> str | None:
        """The framework it was made with."""
        return self._record.framework

    @property
    def model_framework_version(self) -> str | None:
        """That framework's version."""
        return self._record.framework_version

    @property
    def created_time(self) -> str:
        """When it was registered, ISO 8601."""
        return iso(self._record.created)

    @property
    def url(self) -> str:
        """Where its files lie."""
        return (_folder(self.workspace, self.name, self.version) / _FILES).as_uri()

    @staticmethod
    def register(
        workspace: Workspace,
        model_path: str,
        model_name: str,
        tags: dict[str, str] | None = None,
        properties: dict[str, str] | None = None,
        description: str | None = None,
        datasets: Any = None,
        model_framework: str | None = None,
        model_framework_version: str | None = None,
        child_paths: Any = None,
        **kwargs: Any,
    ) -> Model:
        """Register a file or a folder of this machine.

        Raises
        ------
        FileNotFoundError
            ``model_path`` is not there.
        WebserviceException
            The name is not legal.
        """
        del datasets, child_paths, kwargs
        source = Path(model_path)
        if not source.exists():
            raise FileNotFoundError(f"The model's path {model_path} is not there.")
        print(f"Registering model {model_name}")  # noqa: T201 - v1's text
        about = {"tags": tags, "properties": properties, "description": description}
        about |= {"framework": model_framework, "framework_version": model_framework_version}
        return _register(workspace, model_name, {source.resolve().name: source}, about)

    @staticmethod
    def list(
        workspace: Workspace,
        name: str | None = None,
        tags: Any = None,
        properties: Any = None,
        run_id: str | None = None,
        latest: bool = False,
        **kwargs: Any,
    ) -> list[Model]:
        """Return the registered versions, newest first; with ``latest`` the newest of each model."""
        del kwargs
        fitting = [
            record
            for record in _records(workspace, name)
            if _has(record.tags, tags) and _has(record.properties, properties) and run_id in (None, record.run_id)
        ]
        if latest:
            fitting = list({record.name: record for record in fitting}.values())
        fitting.sort(key=lambda record: -record.created)
        return [Model(workspace, record.name, version=record.version) for record in fitting]

    def download(self, target_dir: str = ".", exist_ok: bool = False, exists_ok: Any = None) -> str:
        """Copy the model's files into a folder; return the path of the file or folder.

        Raises
        ------
        WebserviceException
            Something of that name is there, and ``exist_ok`` is False.
        """
        overwrite = exist_ok or bool(exists_ok)
        files = _folder(self.workspace, self.name, self.version) / _FILES
        targets = []
        for source in sorted(files.iterdir()):
            target = Path(target_dir) / source.name
            if target.exists() and not overwrite:
                raise WebserviceException(f"{target} is there already: pass exist_ok=True to write over it.")
            _copy(source, target)
            targets.append(str(target))
        return targets[0] if len(targets) == 1 else str(target_dir)

    @staticmethod
    def get_model_path(model_name: str, version: int | None = None, _workspace: Workspace | None = None) -> str:
        """Return the path of a model's file or folder.

        Raises
        ------
        UserErrorException
            No workspace is given.
        """
        if _workspace is None:
            raise UserErrorException("Outside a run, give the workspace: Model.get_model_path(name, _workspace=ws).")
        model = Model(_workspace, model_name, version=version)
        files = sorted((_folder(_workspace, model.name, model.version) / _FILES).iterdir())
        return str(files[0] if len(files) == 1 else files[0].parent)

    def add_tags(self, tags: dict[str, str | None]) -> None:
        """Set tags; the others stay."""
        self.update(tags={**self._record.tags, **tags})

    def add_properties(self, properties: dict[str, str]) -> None:
        """Add properties, which never change."""
        taken = sorted(set(properties) & set(self._record.properties))
        if taken:
            raise WebserviceException(f"Properties never change, and these are set: {', '.join(taken)}. Use tags.")
        self._write(properties={**self._record.properties, **properties})

    def update(self, tags: dict[str, str | None] | None = None, description: str | None = None, **kwargs: Any) -> None:
        """Replace the tags, the description, or both."""
        del kwargs
        changes = {"tags": tags, "description": description}
        self._write(**{name: value for name, value in changes.items() if value is not None})

    def delete(self) -> None:
        """Delete this version with its files."""
        shutil.rmtree(_folder(self.workspace, self.name, self.version))

    def serialize(self) -> dict[str, Any]:
        """Return what is known about the model, under v1's keys."""
        record = self._record
        return {
            "createdTime": self.created_time,
            "description": record.description,
            "experimentName": record.experiment,
            "framework": record.framework,
            "frameworkVersion": record.framework_version,
            "id": self.id,
            "name": record.name,
            "properties": record.properties,
            "runId": record.run_id,
            "tags": record.tags,
            "url": self.url,
            "version": record.version,
        }

    def _write(self, **changes: Any) -> None:
        self._record = msgspec.structs.replace(self._record, **changes)
        replace(_folder(self.workspace, self.name, self.version) / _RECORD, encode(self._record))

    def __repr__(self) -> str:
        return (
            f"Model(workspace={self.workspace!r}, name={self.name}, id={self.id}, version={self.version}, "
            f"tags={self.tags}, properties={self.properties})"
        )


def register_from_run(run: Run, model_name: str, model_path: str, **about: Any) -> Model:
    """Register a file, or the files under a folder, of a run; see :meth:`Run.register_model`."""
    path = model_path.strip("/").removeprefix("./")
    names = run.get_file_names()
    above = len(path) - len(Path(path).name)
    sources = {name[above:]: locate(run.paths, name) for name in names if name == path or name.startswith(f"{path}/")}
    if not sources:
        raise ModelPathNotFoundException(
            f"The run has no file or folder {model_path!r}. It has: {', '.join(names) or 'no files yet'}."
        )
    about |= {"run_id": run.id, "experiment": run.experiment.name}
    return _register(run.experiment.workspace, model_name, sources, about)


def _register(workspace: Workspace, name: str, sources: dict[str, Path], about: dict[str, Any]) -> Model:
    """Copy the files aside, then take the next free version for them: two who register at once get two versions."""
    if not _NAME.match(name):
        raise WebserviceException(
            f"{name!r} cannot be a model's name: use 1 to 255 letters, digits, '-', '.' and '_', "
            "a letter or digit first."
        )
    models = workspace._paths.models / name
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models, prefix=".new-") as aside:
        whole = Path(aside) / "version"
        (whole / _FILES).mkdir(parents=True)
        for base, source in sources.items():
            _copy(source, whole / _FILES / base)
        size = sum(file.stat().st_size for file in whole.rglob("*") if file.is_file())
        base = Path(next(iter(sources))).parts[0]
        given = {key: value for key, value in about.items() if value is not None}
        while True:
            version = max((record.version for record in _records(workspace, name)), default=0) + 1
            record = ModelRecord(name=name, version=version, created=time.time(), path=base, size=size, **given)
            (whole / _RECORD).write_bytes(encode(record))
            try:
                whole.rename(models / str(version))
            except OSError:  # another has taken this version meanwhile
                if not (models / str(version)).exists():
                    raise
                continue
            return Model(workspace, name, version=version)


def _records(workspace: Workspace, name: str | None) -> list[ModelRecord]:
    """Return the records of a model, or of all, oldest version first."""
    root = workspace._paths.models
    folders = [root / name] if name else sorted(root.iterdir()) if root.is_dir() else []
    files = [file for folder in folders if folder.is_dir() for file in folder.glob(f"[0-9]*/{_RECORD}")]
    records = [record for file in files if (record := read_record(file, ModelRecord)) is not None]
    return sorted(records, key=lambda record: (record.name, record.version))


def _folder(workspace: Workspace, name: str, version: int) -> Path:
    return workspace._paths.models / name / str(version)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)


def _has(have: dict[str, Any], wanted: Any) -> bool:
    """Tell whether ``have`` fits v1's list of ``'key'`` and ``['key', 'value']``."""
    if not wanted:
        return True
    pairs = (
        wanted.items()
        if isinstance(wanted, dict)
        else [(one, None) if isinstance(one, str) else tuple(one) for one in wanted]
    )
    return all(key in have and value in (None, have[key]) for key, value in pairs)
