"""The files of a run as MLflow's artifacts: the names are those of ``get_file_names()``."""

import os
import posixpath
import shutil

from mlflow.entities import FileInfo
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repo import ArtifactRepository

from .. import artifacts
from ..exceptions import AzureMLException
from .models import locations
from .places import split_artifact_uri

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any


class RunArtifacts(ArtifactRepository):
    """What MLflow logs is kept with the run; a name that is logged again gets the new content, as MLflow has it.

    Parameters
    ----------
    artifact_uri
        Where a run's files are, or those of one of its models.
    """

    def __init__(self, artifact_uri: str, *arguments: "Any", **keywords: "Any") -> None:
        super().__init__(artifact_uri, *arguments, **keywords)
        try:
            self._run_dir, self._within = split_artifact_uri(artifact_uri)
        except ValueError as error:
            raise MlflowException(str(error)) from None

    def log_artifact(self, local_file: str, artifact_path: "str | None" = None) -> None:
        """Keep a file."""
        self._store(local_file, posixpath.join(artifact_path or "", os.path.basename(local_file)))

    def log_artifacts(self, local_dir: str, artifact_path: "str | None" = None) -> None:
        """Keep the files of a folder."""
        for name in artifacts.walk(local_dir):
            self._store(os.path.join(local_dir, name), posixpath.join(artifact_path or "", name))

    def list_artifacts(self, path: "str | None" = None) -> "list[FileInfo]":
        """List what stands directly below a name."""
        if path and not self._within and self._is_model(path):
            return []  # MLflow asks for the files of a model besides
        folder = self._name(path) + "/" if self._name(path) else ""
        found: "dict[str, FileInfo]" = {}
        for name in artifacts.file_names(self._run_dir):
            if name.startswith(folder):
                inside = posixpath.join(path or "", name[len(folder) :].split("/")[0])
                is_dir = "/" in name[len(folder) :]
                size = None if is_dir else os.path.getsize(artifacts.locate(self._run_dir, name))
                found[inside] = FileInfo(inside, is_dir, size)
        return [found[name] for name in sorted(found)]

    def download_artifacts(self, artifact_path: str, dst_path: "str | None" = None) -> str:
        """Copy a file or a folder; without a place to copy it to, tell where it is."""
        name = self._name(artifact_path)
        if name and not os.path.exists(self._locate(name)):
            raise MlflowException("The run has no artifact {!r}.".format(name))
        if dst_path is None and name:
            return self._locate(name)
        return str(super().download_artifacts(artifact_path, dst_path))

    def delete_artifacts(self, artifact_path: "str | None" = None) -> None:
        """Delete a file or a folder."""
        path = self._locate(self._name(artifact_path) or artifacts.LIVE_FOLDERS[0])
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif os.path.exists(path):
            os.unlink(path)

    def _download_file(self, remote_file_path: str, local_path: str) -> None:
        shutil.copyfile(self._locate(self._name(remote_file_path)), local_path)

    def _is_directory(self, artifact_path: "str | None") -> bool:
        return not artifact_path or os.path.isdir(self._locate(self._name(artifact_path)))

    def _is_model(self, path: str) -> bool:
        return any((path + "/").startswith(place + "/") for place in locations(self._run_dir))

    def _name(self, path: "str | None") -> str:
        name = posixpath.join(self._within, path or "")
        return posixpath.normpath(name) if name else ""

    def _locate(self, name: str) -> str:
        try:
            return artifacts.locate(self._run_dir, name)
        except AzureMLException as error:
            raise MlflowException(error.message) from None

    def _store(self, file: str, name: str) -> None:
        try:
            artifacts.store(self._run_dir, self._name(name), file, replace=True)
        except AzureMLException as error:
            raise MlflowException(error.message) from None
