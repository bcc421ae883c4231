"""MLflow's model registry over the workspace's registered models: ``Model.list`` and MLflow see the same versions."""

import os
import re

from mlflow.entities.model_registry.model_version_stages import get_canonical_stage
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE, RESOURCE_ALREADY_EXISTS, RESOURCE_DOES_NOT_EXIST
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.model_registry.abstract_store import AbstractStore
from mlflow.utils.search_utils import SearchModelUtils, SearchUtils

from ..asking import ask, run_dir
from ..exceptions import AzureMLException
from ..metric_logger import read_asked
from ..models import Model, register_from_run
from .places import SCHEME, split_artifact_uri
from .versions import registered_model, tags_of, version_entity

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Callable

_PROMPT = "mlflow.prompt.is_prompt"
_CONDITION = re.compile(r"^\s*(name|run_id)\s*=\s*['\"]([^'\"]+)['\"]\s*$")


class Registry(AbstractStore):
    """The registered models of the workspace that a run belongs to.

    Inside a run a model is registered, read and loaded; the rest is the notebook's.

    Parameters
    ----------
    store_uri
        The workspace, or the run.
    tracking_uri
        Not used: it is the same.
    """

    def __init__(self, store_uri: str, tracking_uri: "str | None" = None) -> None:
        del tracking_uri
        self._uri = store_uri

    # what is different in the notebook

    def records(self, name: "str | None" = None) -> "list[dict[str, Any]]":
        """Give the records of a model's versions, or of all models', the oldest first."""
        models = Model.list(None, name)
        return sorted((model._record for model in models), key=lambda one: (one["name"], one["version"]))  # noqa: SLF001

    def about(self, name: str) -> "dict[str, Any] | None":
        """Give what MLflow keeps of a model itself; None where there is no such model."""
        return {} if self.records(name) else None

    def keep(self, name: str, change: "Callable[[dict[str, Any]], dict[str, Any]]") -> None:
        """Change what MLflow keeps of a model itself: fields are made of those that it has now."""
        del name, change
        raise _notebook_only()

    def add(self, name: str, folder: str, run: "tuple[str, str] | None", about: "dict[str, Any]") -> "dict[str, Any]":
        """Register a folder: the artifacts of a run under a name, or one of no run."""
        del folder
        if run is None:
            raise _notebook_only()
        run_id, path = run
        return register_from_run(run_id, name, path, about)._record  # noqa: SLF001 - as its own module does

    def change(self, name: str, version: "Any", change: "Callable[[dict[str, Any]], dict[str, Any]]") -> None:
        """Change the record of a version: fields are made of those that it has now."""
        del name, version, change
        raise _notebook_only()

    def remove(self, name: str, version: "Any" = None) -> None:
        """Delete a version, or a model with all of them."""
        del name, version
        raise _notebook_only()

    def files(self, name: str, version: "Any") -> str:
        """Give where the files of a version are."""
        return os.path.join(run_dir(), "work", ask("model_files", name=name, version=int(version)))

    # models

    def create_registered_model(
        self, name: str, tags: "Any" = None, description: "str | None" = None, *_: "Any", **__: "Any"
    ) -> "Any":
        """Make a model that has no versions yet."""
        if _PROMPT in tags_of(tags):
            raise MlflowException(
                "This workspace's registry keeps models, and MLflow's prompts have no place there: "
                "keep the text with the run, mlflow.log_text(text, 'prompt.txt').",
                INVALID_PARAMETER_VALUE,
            )
        if self.about(name) is not None:
            raise MlflowException("Model {!r} exists already.".format(name), RESOURCE_ALREADY_EXISTS)
        about = {"tags": tags_of(tags), "description": description}
        if not os.environ.get("AML_RUN_DIR"):
            self.keep(name, lambda _: about)
        return registered_model(name, about, [])

    def update_registered_model(self, name: str, description: "str | None", *_: "Any", **__: "Any") -> "Any":
        """Describe a model."""
        self._about(name)
        self.keep(name, lambda _: {"description": description})
        return self.get_registered_model(name)

    def rename_registered_model(self, name: str, new_name: str) -> None:
        """Refuse: versions of a model are found by its name, by runs too."""
        raise MlflowException(
            "Model {!r} cannot become {!r}: register it under its new name.".format(name, new_name),
            INVALID_PARAMETER_VALUE,
        )

    def delete_registered_model(self, name: str) -> None:
        """Delete a model with all its versions."""
        self._about(name)
        self.remove(name)

    def search_registered_models(
        self,
        filter_string: "str | None" = None,
        max_results: "int | None" = None,
        order_by: "Any" = None,
        page_token: "str | None" = None,
    ) -> "Any":
        """Give the models that fit."""
        names = sorted({record["name"] for record in self.records()})
        models = [self.get_registered_model(name) for name in names]
        found = SearchModelUtils.sort(SearchModelUtils.filter(models, filter_string), order_by)
        page, token = SearchUtils.paginate(found, page_token, max_results or 100)
        return PagedList(page, token)

    def get_registered_model(self, name: str) -> "Any":
        """Give a model with its latest versions."""
        return registered_model(name, self._about(name), self.records(name))

    def get_latest_versions(self, name: str, stages: "list[str] | None" = None) -> "list[Any]":
        """Give the latest version of each stage."""
        latest = {}
        for one in self._versions(name):
            if not stages or one.current_stage.lower() in {stage.lower() for stage in stages}:
                latest[one.current_stage] = one
        return list(latest.values())

    def set_registered_model_tag(self, name: str, tag: "Any") -> None:
        """Tag a model."""
        self._about(name)
        self.keep(name, lambda about: {"tags": dict(about.get("tags") or {}, **tags_of([tag]))})

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Take a tag away."""
        self._about(name)
        self.keep(name, lambda about: {"tags": _without(about.get("tags"), key)})

    # versions

    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: "str | None" = None,
        tags: "Any" = None,
        run_link: "str | None" = None,
        description: "str | None" = None,
        local_model_path: "str | None" = None,
        model_id: "str | None" = None,
    ) -> "Any":
        """Register what a URI leads to as the next version of a model."""
        del run_link, run_id
        folder, run = _source(source, model_id)
        about = {"tags": tags_of(tags), "description": description, "framework": "MLflow"}
        try:
            record = self.add(name, local_model_path or folder, run, about)
        except AzureMLException as error:
            raise MlflowException(error.message, INVALID_PARAMETER_VALUE) from None
        return version_entity(record, self._about(name))

    def update_model_version(self, name: str, version: "Any", description: "str | None" = None) -> "Any":
        """Describe a version."""
        self.change(name, version, lambda _: {"description": description})
        return self.get_model_version(name, version)

    def transition_model_version_stage(
        self, name: str, version: "Any", stage: str, archive_existing_versions: bool = False
    ) -> "Any":
        """Say which stage a version has reached."""
        self.get_model_version(name, version)
        stage = get_canonical_stage(stage)

        def changed(about: "dict[str, Any]") -> "dict[str, Any]":
            stages = dict(about.get("stages") or {})
            if archive_existing_versions:
                stages = {key: "Archived" if value == stage else value for key, value in stages.items()}
            return {"stages": dict(stages, **{str(version): stage})}

        self.keep(name, changed)
        return self.get_model_version(name, version)

    def delete_model_version(self, name: str, version: "Any") -> None:
        """Delete a version."""
        self.get_model_version(name, version)
        self.remove(name, version)

    def get_model_version(self, name: str, version: "Any") -> "Any":
        """Give a version."""
        for one in self._versions(name):
            if str(one.version) == str(version):
                return one
        raise MlflowException("Model {!r} has no version {}.".format(name, version), RESOURCE_DOES_NOT_EXIST)

    def get_model_version_download_uri(self, name: str, version: "Any") -> str:
        """Give where the files of a version are."""
        self.get_model_version(name, version)
        return self.files(name, version)

    def search_model_versions(
        self,
        filter_string: "str | None" = None,
        max_results: "int | None" = None,
        order_by: "Any" = None,
        page_token: "str | None" = None,
    ) -> "Any":
        """Give the versions that fit, the newest first."""
        found = [one for name in sorted({record["name"] for record in self.records()}) for one in self._versions(name)]
        try:
            from mlflow.utils.search_utils import SearchModelVersionUtils as Search  # noqa: PLC0415 - not MLflow 2.0
        except ImportError:
            match = _CONDITION.match(filter_string or "")
            return PagedList(
                [one for one in found if not match or getattr(one, match.group(1)) == match.group(2)], None
            )
        order_by = order_by or ["creation_timestamp DESC", "version_number DESC"]
        found = Search.sort(Search.filter(found, filter_string), order_by)
        page, token = SearchUtils.paginate(found, page_token, max_results or 10000)
        return PagedList(page, token)

    def set_model_version_tag(self, name: str, version: "Any", tag: "Any") -> None:
        """Tag a version."""
        self.change(name, version, lambda record: {"tags": dict(record.get("tags") or {}, **tags_of([tag]))})

    def delete_model_version_tag(self, name: str, version: "Any", key: str) -> None:
        """Take a tag away."""
        self.change(name, version, lambda record: {"tags": _without(record.get("tags"), key)})

    # aliases

    def set_registered_model_alias(self, name: str, alias: str, version: "Any") -> None:
        """Give a version another name."""
        self.get_model_version(name, version)
        self.keep(name, lambda about: {"aliases": dict(about.get("aliases") or {}, **{alias: str(version)})})

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Take such a name away."""
        self._about(name)
        self.keep(name, lambda about: {"aliases": _without(about.get("aliases"), alias)})

    def get_model_version_by_alias(self, name: str, alias: str) -> "Any":
        """Give the version that has a name."""
        version = (self._about(name).get("aliases") or {}).get(alias)
        if version is None:
            raise MlflowException("Model {!r} has no alias {!r}.".format(name, alias), INVALID_PARAMETER_VALUE)
        return self.get_model_version(name, version)

    def _about(self, name: str) -> "dict[str, Any]":
        about = self.about(name)
        if about is None:
            raise MlflowException("There is no registered model {!r}.".format(name), RESOURCE_DOES_NOT_EXIST)
        return about

    def _versions(self, name: str) -> "list[Any]":
        about = self._about(name)
        return [version_entity(record, about) for record in self.records(name)]


def _without(fields: "dict[str, str] | None", key: str) -> "dict[str, str]":
    return {one: value for one, value in (fields or {}).items() if one != key}


def _source(source: str, model_id: "str | None") -> "tuple[str, tuple[str, str] | None]":
    """Give the folder that a URI leads to, and the run and the name within its artifacts, where it is a run's."""
    import mlflow  # noqa: PLC0415 - all of it, once MLflow is loaded

    client = mlflow.tracking.MlflowClient()
    if model_id or source.startswith("models:/m-"):
        source = client.get_logged_model(model_id or source[len("models:/") :].partition("/")[0]).artifact_location
    elif source.startswith("runs:/"):
        run_id, _, name = source[len("runs:/") :].partition("/")
        source = "{}/{}".format(client.get_run(run_id).info.artifact_uri, name)
    if not source.startswith(SCHEME + ":"):
        folder: str = mlflow.artifacts.download_artifacts(artifact_uri=source)
        return folder, None
    folder, name = split_artifact_uri(source)
    return folder, (read_asked(folder)["run_id"], name)


def _notebook_only() -> MlflowException:
    return MlflowException(
        "Inside a run a model of the run is registered, read and loaded; do this in the notebook.",
        INVALID_PARAMETER_VALUE,
    )
