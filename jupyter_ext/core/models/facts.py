"""What is known about a version of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.core.tables import html_table
from jupyter_ext.core.times import iso
from jupyter_ext.store.models import ModelStore

from .cloud import ModelCloud

if TYPE_CHECKING:
    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.store.records import ModelRecord


class ModelFacts(ModelCloud):
    """What a model offers of what is known about it."""

    def _set(self, workspace: Workspace, record: ModelRecord) -> None:
        self._workspace = workspace
        self._record = record
        self._store = ModelStore(workspace._paths)

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return self._workspace

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
    def created_by(self) -> dict[str, str]:
        """Who registered it."""
        return {"userName": self._record.created_by}

    @property
    def datasets(self) -> dict[str, list[Any]]:
        """The datasets that it was made with, by what they were used for."""
        from jupyter_ext.core.data.dataset import Dataset  # noqa: PLC0415 - few models name datasets

        found: dict[str, list[Any]] = {}
        for use, dataset_id in self._record.datasets:
            found.setdefault(use, []).append(Dataset.get_by_id(self.workspace, dataset_id))
        return found

    @property
    def sample_input_dataset(self) -> Any:
        """The dataset that was given as an example of its input."""
        return next(iter(self.datasets.get("sample_input", [])), None)

    @property
    def sample_output_dataset(self) -> Any:
        """The dataset that was given as an example of its output."""
        return next(iter(self.datasets.get("sample_output", [])), None)

    @property
    def unpack(self) -> bool:
        """Always False: files are kept as they are."""
        return False

    @property
    def mime_type(self) -> str:
        """v1's type of a model's files."""
        return "application/json"

    @property
    def url(self) -> str:
        """Where its files lie."""
        return self._store.files(self._record).as_uri()

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

    def __repr__(self) -> str:
        return (
            f"Model(workspace={self.workspace!r}, name={self.name}, id={self.id}, version={self.version}, "
            f"tags={self.tags}, properties={self.properties})"
        )

    def _repr_html_(self) -> str:
        row = {"Name": self.name, "Version": str(self.version), "Run": self.run_id or "", "Created": self.created_time}
        return html_table([{**row, "Files": str(self._store.files(self._record))}])
