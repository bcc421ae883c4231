"""Registered models: files under a name and a version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    ModelNotFoundException,
    UserErrorException,
    WebserviceException,
)
from jupyter_ext.runtime.inside.jupyter_aml_run.filters import fits
from jupyter_ext.store.models import ModelStore, copy

from .facts import ModelFacts

if TYPE_CHECKING:
    import builtins

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.store.records import ModelRecord

_DOWNLOADED = "azureml-models"
_PAGES = range(20, 256)


class Model(ModelFacts):
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
        store = ModelStore(workspace._paths)
        wanted = int(version) if version is not None else None
        records = _fitting(store.records(name), tags, properties, run_id, model_framework)
        records = [record for record in records if wanted in (None, record.version)]
        if not records:
            raise store.not_found(name, version)
        self._set(workspace, records[-1])

    @classmethod
    def _of(cls, workspace: Workspace, record: ModelRecord) -> Model:
        model = cls.__new__(cls)
        model._set(workspace, record)
        return model

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
        sample_input_dataset: Any = None,
        sample_output_dataset: Any = None,
        resource_configuration: Any = None,
    ) -> Model:
        """Register a file or a folder of this machine as the next version of a model.

        Parameters
        ----------
        model_path
            The file or folder; it may lie anywhere.
        datasets
            Pairs of what a dataset was used for, and the dataset.
        child_paths
            Of a folder, only what lies under these.
        sample_input_dataset, sample_output_dataset
            Kept with the model.
        resource_configuration
            Accepted as in v1: models are not deployed here.

        Raises
        ------
        FileNotFoundError
            ``model_path`` is not there.
        WebserviceException
            The name is not legal.
        """
        del resource_configuration
        source = Path(model_path)
        if not source.exists():
            raise FileNotFoundError(f"The model's path {model_path} is not there.")
        print(f"Registering model {model_name}")  # noqa: T201 - v1's text
        base = source.resolve().name
        sources = {f"{base}/{child}": source / child for child in child_paths or ()} or {base: source}
        missing = next((path for path in sources.values() if not path.exists()), None)
        if missing is not None:
            raise FileNotFoundError(f"The model's path {missing} is not there.")
        samples = [("sample_input", sample_input_dataset), ("sample_output", sample_output_dataset)]
        pairs = [*(datasets or ()), *(sample for sample in samples if sample[1] is not None)]
        about = {
            "tags": tags,
            "properties": properties,
            "description": description,
            "datasets": _references(workspace, pairs),
        }
        about |= {"framework": model_framework, "framework_version": model_framework_version}
        return Model._of(workspace, ModelStore(workspace._paths).register(model_name, sources, about))

    @staticmethod
    def list(
        workspace: Workspace,
        name: str | None = None,
        tags: Any = None,
        properties: Any = None,
        run_id: str | None = None,
        latest: bool = False,
        dataset_id: str | None = None,
        expand: bool = True,
        page_count: int = 255,
        model_framework: str | None = None,
    ) -> list[Model]:
        """Return the registered versions, newest first.

        Parameters
        ----------
        tags, properties
            Only those that have these: ``'key'`` or ``['key', 'value']`` each.
        run_id, dataset_id, model_framework
            Only those that a run has registered, that a dataset was used for, that were made with a framework.
        latest
            Only the newest of each model.
        expand, page_count
            Accepted as in v1: everything is read at once.

        Raises
        ------
        UserErrorException
            ``page_count`` is not from 20 to 255 (v1).
        """
        del expand
        if page_count not in _PAGES:
            raise UserErrorException(f"page_count is {page_count}: v1 takes 20 to 255, and here it changes nothing.")
        records = _fitting(ModelStore(workspace._paths).records(name), tags, properties, run_id, model_framework)
        records = [one for one in records if dataset_id is None or dataset_id in (pair[1] for pair in one.datasets)]
        if latest:
            records = [*{record.name: record for record in records}.values()]
        records.sort(key=lambda record: -record.created)
        return [Model._of(workspace, record) for record in records]

    def download(self, target_dir: str = ".", exist_ok: bool = False, exists_ok: Any = None) -> str:
        """Copy the model's files into a folder; return the path of the file or folder.

        Raises
        ------
        WebserviceException
            Something of that name is there, and ``exist_ok`` is False.
        """
        source = self._store.files(self._record)
        whole = source.parent.parent == self._store.folder(self.name, self.version)
        targets = {entry: Path(target_dir) / entry.name for entry in ([source] if whole else sorted(source.iterdir()))}
        there = next((target for target in targets.values() if target.exists()), None)
        if there is not None and not (exist_ok or exists_ok):
            raise WebserviceException(f"{there} is there already: pass exist_ok=True to write over it.")
        for entry, target in targets.items():
            copy(entry, target)
        return str(targets[source] if whole else target_dir)

    @staticmethod
    def get_model_path(model_name: str, version: int | None = None, _workspace: Workspace | None = None) -> str:
        """Return the path of a model's file or folder.

        Without a workspace it is looked for, as in v1, under ``azureml-models/<name>/<version>`` in the working
        directory, and then as a file of that name there. In a script that runs, it is the workspace's model.

        Raises
        ------
        ModelNotFoundException
            Without a workspace: it is in neither place.
        WebserviceException
            The workspace has no such model.
        """
        if _workspace is not None:
            store = ModelStore(_workspace._paths)
            return str(store.files(store.find(model_name, None if version is None else int(version))))
        versions = [path for path in Path(_DOWNLOADED, model_name).glob("*") if path.name.isdigit()]
        versions = [path for path in versions if version is None or path.name == str(version)]
        if versions:
            latest = max(versions, key=lambda path: int(path.name))
            entries = sorted(latest.iterdir())
            return str(entries[0] if len(entries) == 1 else latest)
        if Path(model_name).exists():
            return model_name
        raise ModelNotFoundException(
            f"There is no model {model_name!r} in {Path(_DOWNLOADED).absolute()}, nor a file of that name here. "
            "Outside a run, take it from the workspace: Model(ws, name).download(), or "
            "Model.get_model_path(name, _workspace=ws)."
        )

    def add_tags(self, tags: dict[str, str | None]) -> None:
        """Set tags; the others stay."""
        self.update_tags_properties(add_tags=tags)

    def remove_tags(self, tags: builtins.list[str] | str) -> None:
        """Remove tags by their names; one that is not there is no error."""
        self.update_tags_properties(remove_tags=tags)

    def add_properties(self, properties: dict[str, str]) -> None:
        """Add properties, which never change.

        Raises
        ------
        WebserviceException
            The model has one of them.
        """
        self.update_tags_properties(add_properties=properties)

    def update_tags_properties(
        self,
        add_tags: dict[str, str | None] | None = None,
        remove_tags: builtins.list[str] | str | None = None,
        add_properties: dict[str, str] | None = None,
    ) -> None:
        """Set and remove tags, and add properties, all at once; see :meth:`add_properties`."""
        removed = {remove_tags} if isinstance(remove_tags, str) else set(remove_tags or ())
        new = {str(key): str(value) for key, value in (add_properties or {}).items()}

        def change(record: ModelRecord) -> dict[str, Any]:
            taken = sorted(set(new) & set(record.properties))
            if taken:
                raise WebserviceException(f"Properties never change, and these are set: {', '.join(taken)}. Use tags.")
            tags = {**record.tags, **_texts(add_tags or {})}
            return {
                "tags": {key: value for key, value in tags.items() if key not in removed},
                "properties": {**record.properties, **new},
            }

        self._record = self._store.change(self._record, change)

    def add_dataset_references(self, datasets: Any) -> None:
        """Add datasets that the model was made with: pairs of a use and a dataset."""
        added = _references(self.workspace, datasets)
        self._record = self._store.change(self._record, lambda record: {"datasets": [*record.datasets, *added]})

    def update(
        self,
        tags: dict[str, str | None] | None = None,
        description: str | None = None,
        sample_input_dataset: Any = None,
        sample_output_dataset: Any = None,
        resource_configuration: Any = None,
    ) -> None:
        """Replace what is given: tags, description, sample datasets."""
        del resource_configuration
        changes: dict[str, Any] = {"description": description, "tags": None if tags is None else _texts(tags)}
        changes = {name: value for name, value in changes.items() if value is not None}
        samples = {"sample_input": sample_input_dataset, "sample_output": sample_output_dataset}
        new = _references(self.workspace, [(use, dataset) for use, dataset in samples.items() if dataset is not None])

        def change(record: ModelRecord) -> dict[str, Any]:
            kept = [pair for pair in record.datasets if pair[0] not in {use for use, _ in new}]
            return {**changes, "datasets": [*kept, *new]}

        self._record = self._store.change(self._record, change)

    def delete(self) -> None:
        """Delete this version with its files."""
        self._store.delete(self._record)

    def get_sas_urls(self) -> dict[str, str]:
        """Return where each of its files lies, by its name."""
        source = self._store.files(self._record)
        files = [source] if source.is_file() else sorted(file for file in source.rglob("*") if file.is_file())
        return {file.relative_to(source.parent).as_posix(): file.as_uri() for file in files}

    @staticmethod
    def deserialize(workspace: Workspace, model_payload: dict[str, Any]) -> Model:
        """Return the model that :meth:`serialize` has described."""
        return Model(workspace, id=model_payload["id"])


def _fitting(
    records: builtins.list[ModelRecord], tags: Any, properties: Any, run_id: str | None, framework: str | None
) -> builtins.list[ModelRecord]:
    return [
        record
        for record in records
        if fits(record.tags, tags)
        and fits(record.properties, properties)
        and run_id in (None, record.run_id)
        and framework in (None, record.framework)
    ]


def _texts(tags: dict[str, Any]) -> dict[str, str | None]:
    return {str(key): None if value is None else str(value) for key, value in tags.items()}


def register_from_run(run: Run, model_name: str, model_path: str, datasets: Any = None, **about: Any) -> Model:
    """Register a file, or the files under a folder, of a run; see :meth:`Run.register_model`."""
    workspace = run.experiment.workspace
    about |= {"run_id": run.id, "experiment": run.experiment.name, "datasets": _references(workspace, datasets) or None}
    record = ModelStore(workspace._paths).register_from_run(run.paths, model_name, model_path, about)
    return Model._of(workspace, record)


def _references(workspace: Workspace, datasets: Any) -> builtins.list[builtins.list[str]]:
    """Return pairs of a use and a dataset's id."""
    pairs = [(str(use), dataset) for use, dataset in datasets or ()]
    other = next((dataset for _, dataset in pairs if not hasattr(dataset, "_kept_in")), None)
    if other is not None:
        raise UserErrorException(f"datasets holds pairs of a use and a dataset, not {other!r}.")
    return [[use, dataset._kept_in(workspace)] for use, dataset in pairs]
