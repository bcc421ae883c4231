"""Registered models, as a script finds them."""

# ruff: noqa: SLF001 - models are made from their records here

import os

from . import artifacts
from .asking import ask, run_dir
from .exceptions import WebserviceException
from .filters import fits

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any


class Model:
    """A version of a registered model of the run's workspace.

    Parameters
    ----------
    workspace
        Accepted as in v1: it is the run's.
    name
        The model.
    id
        ``name:version`` in place of ``name`` and ``version``.
    tags, properties, run_id, model_framework
        Only a version that has these.
    version
        Which version; the latest where it is None.

    Raises
    ------
    WebserviceException
        There is no such model; the message begins with ``ModelNotFound`` (v1).
    """

    def __init__(
        self,
        workspace: "Any" = None,
        name: "str | None" = None,
        id: "str | None" = None,  # noqa: A002 - v1's name
        tags: "Any" = None,
        properties: "Any" = None,
        version: "int | None" = None,
        run_id: "str | None" = None,
        model_framework: "str | None" = None,
        **kwargs: "Any",
    ) -> None:
        del kwargs
        if id is not None:
            name, _, text = id.rpartition(":")
            version = int(text) if text.isdigit() else None
        found = Model.list(workspace, name, tags, properties, run_id, model_framework=model_framework)
        found = [model for model in found if version is None or model.version == int(version)]
        if not found:
            ask("model", name=name, version=version or 0)  # no version is 0: the runner tells which there are
        self._record: "dict[str, Any]" = max(found, key=lambda model: model.version)._record

    @classmethod
    def _of(cls, record: "dict[str, Any]") -> "Model":
        model = cls.__new__(cls)
        model._record = record
        return model

    @property
    def name(self) -> str:
        """The model's name."""
        return str(self._record["name"])

    @property
    def version(self) -> int:
        """The version, from 1."""
        return int(self._record["version"])

    @property
    def id(self) -> str:
        """``name:version``."""
        return "{}:{}".format(self.name, self.version)

    @property
    def tags(self) -> "dict[str, Any]":
        """The tags."""
        return dict(self._record["tags"])

    @property
    def properties(self) -> "dict[str, Any]":
        """The properties."""
        return dict(self._record["properties"])

    @property
    def description(self) -> "str | None":
        """The description."""
        description: "str | None" = self._record["description"]
        return description

    @property
    def run_id(self) -> "str | None":
        """The run that made it."""
        run_id: "str | None" = self._record["run_id"]
        return run_id

    def download(self, target_dir: str = ".", exist_ok: bool = False, exists_ok: "Any" = None) -> str:
        """Copy the model's files into a folder; give the path of the file or folder.

        Parameters
        ----------
        target_dir
            The folder.
        exist_ok, exists_ok
            Whether to write over what is there.

        Raises
        ------
        WebserviceException
            Something of that name is there.
        """
        source = Model.get_model_path(self.name, self.version)
        several = os.path.basename(source) == str(self.version) and os.path.isdir(source)
        pairs = [(os.path.join(source, name), name) for name in (os.listdir(source) if several else ())] or [
            (source, os.path.basename(source))
        ]
        for path, name in pairs:
            target = os.path.join(target_dir, name)
            if os.path.exists(target) and not (exist_ok or exists_ok):
                raise WebserviceException("{} is there already; pass exist_ok=True to write over it.".format(target))
            _copy(path, target)
        return target_dir if several else os.path.join(target_dir, os.path.basename(source))

    @staticmethod
    def get_model_path(model_name: str, version: "int | None" = None, _workspace: "Any" = None) -> str:
        """Give the path of a model's file or folder, copied to ``azureml-models/<name>/<version>`` (v1).

        Raises
        ------
        WebserviceException
            There is no such model; the message begins with ``ModelNotFound`` (v1).
        """
        wanted = None if version is None else int(version)
        path: str = ask("model_files", name=model_name, version=wanted)
        return os.path.relpath(os.path.join(run_dir(), "work", path))

    @staticmethod
    def list(
        workspace: "Any" = None,
        name: "str | None" = None,
        tags: "Any" = None,
        properties: "Any" = None,
        run_id: "str | None" = None,
        latest: bool = False,
        model_framework: "str | None" = None,
        **kwargs: "Any",
    ) -> "list[Model]":
        """List the registered versions, newest first; what narrows it down is as in the notebook's ``Model.list``."""
        del workspace, kwargs
        records = [
            record
            for record in ask("models", name=name)
            if fits(record["tags"], tags)
            and fits(record["properties"], properties)
            and run_id in {None, record["run_id"]}
            and model_framework in {None, record["framework"]}
        ]
        if latest:
            records = list({record["name"]: record for record in records}.values())
        return [Model._of(record) for record in sorted(records, key=lambda record: -record["created"])]

    @staticmethod
    def register(
        workspace: "Any",
        model_path: str,
        model_name: str,
        tags: "dict[str, str] | None" = None,
        properties: "dict[str, str] | None" = None,
        description: "str | None" = None,
        model_framework: "str | None" = None,
        model_framework_version: "str | None" = None,
        **kwargs: "Any",
    ) -> "Model":
        """Register a file or folder of the script's working directory as the next version of a model.

        Raises
        ------
        FileNotFoundError
            ``model_path`` is not there.
        WebserviceException
            The name is not legal.
        """
        del workspace, kwargs
        if not os.path.exists(model_path):
            raise FileNotFoundError("The model's path {} is not there.".format(model_path))
        print("Registering model {}".format(model_name))  # noqa: T201 - v1's text
        about = {"tags": tags, "properties": properties, "description": description}
        about.update(framework=model_framework, framework_version=model_framework_version)
        path = os.path.relpath(model_path, os.path.join(run_dir(), "work"))
        return Model._of(ask("register_path", name=model_name, path=path, about=about))

    def __repr__(self) -> str:
        return "Model(name={}, id={}, version={}, tags={}, properties={})".format(
            self.name, self.id, self.version, self.tags, self.properties
        )


def register_from_run(run_id: str, name: str, path: str, about: "dict[str, Any]") -> Model:
    """Register files of a run as the next version of a model.

    Parameters
    ----------
    run_id
        The run: the script's own, or one that it has made.
    name
        The model.
    path
        The name of a file or folder of the run.
    about
        Tags, properties, description, framework and its version.

    Raises
    ------
    ModelPathNotFoundException
        The run has no such file.
    """
    return Model._of(ask("register_model", run_id=run_id, name=name, path=path, about=about))


def _copy(source: str, target: str) -> None:
    import shutil  # noqa: PLC0415 - a script that only logs does without

    if not os.path.isdir(source):
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        shutil.copyfile(source, target)
        return
    for name in artifacts.walk(source):
        _copy(os.path.join(source, name), os.path.join(target, name))
