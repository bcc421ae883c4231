"""MLflow's model registry in the notebook: the workspace's registered models, all of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import WebserviceException
from jupyter_ext.runtime.inside.jupyter_aml_run.mlflow_plugin.places import path_of
from jupyter_ext.runtime.inside.jupyter_aml_run.mlflow_plugin.registry import Registry
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.locks import locked
from jupyter_ext.store.models import ModelStore
from jupyter_ext.store.paths import RunPaths, WorkspacePaths
from jupyter_ext.store.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ext.store.records import ModelRecord


class WorkspaceRegistry(Registry):
    """The registered models of a workspace of this machine.

    Parameters
    ----------
    store_uri
        What ``Workspace.get_mlflow_tracking_uri()`` gives.
    tracking_uri
        Not used: it is the same.
    """

    def __init__(self, store_uri: str, tracking_uri: str | None = None) -> None:
        super().__init__(store_uri, tracking_uri)
        self._paths = WorkspacePaths(Path(path_of(store_uri)))
        self._models = ModelStore(self._paths)

    def records(self, name: str | None = None) -> list[dict[str, Any]]:
        """Give the records of a model's versions, or of all models', the oldest first."""
        return [msgspec.to_builtins(record) for record in self._models.records(name)]

    def about(self, name: str) -> dict[str, Any] | None:
        """Give what MLflow keeps of a model itself; None where there is no such model."""
        try:
            kept: dict[str, Any] = json.loads(self._file(name).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return {} if self._models.records(name) else None
        return kept

    def keep(self, name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Change what MLflow keeps of a model itself: fields are made of those that it has now."""
        file = self._file(name)
        with locked(file.with_name(".mlflow.lock")):
            kept = self.about(name) or {}
            replace(file, json.dumps(kept | change(kept), indent=2).encode())

    def add(self, name: str, folder: str, run: tuple[str, str] | None, about: dict[str, Any]) -> dict[str, Any]:
        """Register a folder: the artifacts of a run under a name, or one of no run."""
        if run is None:
            record = self._models.register(name, {Path(folder).name: Path(folder)}, about)
            return dict(msgspec.to_builtins(record))
        paths, catalogue = RunPaths(Path(folder)), Catalogue(self._paths)
        if catalogue.find_run(run[0]) is None:  # a child that nobody has listed yet
            catalogue.index(paths)
        row = catalogue.find_run(run[0])
        about |= {"run_id": run[0], "experiment": row["experiment"] if row else None}
        return dict(msgspec.to_builtins(self._models.register_from_run(paths, name, run[1], about)))

    def change(self, name: str, version: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Change the record of a version: fields are made of those that it has now."""
        self._models.change(self._find(name, version), lambda record: change(msgspec.to_builtins(record)))

    def remove(self, name: str, version: Any = None) -> None:
        """Delete a version, or a model with all of them."""
        if version is None:
            shutil.rmtree(self._file(name).parent)
        else:
            self._models.delete(self._find(name, version))

    def files(self, name: str, version: Any) -> str:
        """Give where the files of a version are."""
        return str(self._models.files(self._find(name, version)))

    def _find(self, name: str, version: Any) -> ModelRecord:
        self.get_model_version(name, version)  # refuses what is not there in MLflow's words
        return self._models.find(name, int(version))

    def _file(self, name: str) -> Path:
        try:
            self._models.check_name(name)
        except WebserviceException as error:
            raise MlflowException(error.message, INVALID_PARAMETER_VALUE) from None
        return self._models.folder(name, 0).parent / "mlflow.json"
