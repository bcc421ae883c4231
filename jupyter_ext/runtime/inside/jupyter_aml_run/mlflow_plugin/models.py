"""Models that MLflow 3 logs: a record for each, its files among the run's artifacts under the model's name."""

import json
import os
import time
import uuid

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST

from ..metric_logger import read_asked
from ..records import append_record, read_records, write_record
from .places import artifact_uri, experiment_name
from .places import experiment_id as id_of

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterator

    from .places import Place

_FOLDER = ("mlflow", "models")
_LINKS = ("mlflow", "model_metrics.jsonl")
_READY = 2  # LoggedModelStatus
_PENDING = 1


class LoggedModels:
    """What a tracking store of MLflow 3 offers for logged models; MLflow 2 calls none of it."""

    _place: "Place"

    def run_dir(self, run_id: "str | None") -> str:
        """Give the directory of a run."""
        raise NotImplementedError

    def create_logged_model(
        self,
        experiment_id: str = "0",
        name: "str | None" = None,
        source_run_id: "str | None" = None,
        tags: "Any" = None,
        params: "Any" = None,
        model_type: "str | None" = None,
    ) -> "Any":
        """Write down a model whose files come next."""
        model_id = "m-" + uuid.uuid4().hex
        run_dir = self.run_dir(source_run_id) if source_run_id else self._own_run(experiment_id, model_id)
        name = name or model_id
        taken = name in locations(run_dir) or os.path.lexists(os.path.join(run_dir, "artifacts", name))
        now = int(time.time() * 1000)
        record = {
            "experiment": experiment_name(experiment_id),
            "model_id": model_id,
            "name": name,
            "location": "models/{}/{}".format(model_id, name) if taken else name,
            "created": now,
            "updated": now,
            "model_type": model_type,
            "source_run_id": source_run_id,
            "status": _PENDING,
            "tags": {tag.key: tag.value for tag in tags or ()},
            "params": {param.key: param.value for param in params or ()},
        }
        _write(run_dir, record)
        return _entity(run_dir, record)

    def _own_run(self, experiment_id: str, model_id: str) -> str:
        """Make a run that holds a model which none has made."""
        raise NotImplementedError

    def get_logged_model(self, model_id: str, allow_deleted: bool = False) -> "Any":
        """Give a model."""
        run_dir, record = self._model(model_id)
        if record.get("deleted") and not allow_deleted:
            raise _unknown(model_id)
        return _entity(run_dir, record)

    def finalize_logged_model(self, model_id: str, status: "Any") -> "Any":
        """Write down that a model is complete, or that it failed."""
        return self._change(model_id, status=getattr(status, "to_int", lambda: _READY)())

    def set_logged_model_tags(self, model_id: str, tags: "Any") -> None:
        """Tag a model."""
        _, record = self._model(model_id)
        self._change(model_id, tags=dict(record["tags"], **{tag.key: str(tag.value) for tag in tags}))

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Take a tag away."""
        _, record = self._model(model_id)
        if key not in record["tags"]:
            raise MlflowException("Model {} has no tag {!r}.".format(model_id, key), RESOURCE_DOES_NOT_EXIST)
        self._change(model_id, tags={name: value for name, value in record["tags"].items() if name != key})

    def delete_logged_model(self, model_id: str) -> None:
        """Mark a model as deleted; its files stay with the run."""
        self._change(model_id, deleted=True)

    def log_logged_model_params(self, model_id: str, params: "Any") -> None:
        """Add parameters to a model."""
        _, record = self._model(model_id)
        self._change(model_id, params=dict(record["params"], **{param.key: str(param.value) for param in params}))

    def search_logged_models(
        self,
        experiment_ids: "list[str]",
        filter_string: "str | None" = None,
        datasets: "Any" = None,
        max_results: "int | None" = None,
        order_by: "Any" = None,
        page_token: "str | None" = None,
    ) -> "Any":
        """Give the models that fit."""
        from mlflow.store.entities.paged_list import PagedList  # noqa: PLC0415 - MLflow 3
        from mlflow.utils.search_utils import SearchLoggedModelsUtils as Search  # noqa: PLC0415 - MLflow 3

        names = set(map(experiment_name, experiment_ids))
        models = [
            _entity(run_dir, record)
            for run_dir in self._place.runs()
            for record in _records(run_dir)
            if record["experiment"] in names and not record.get("deleted")
        ]
        found = Search.sort(Search.filter_logged_models(models, filter_string, datasets), order_by)
        page, token = Search.paginate(found, page_token, max_results or 100)
        return PagedList(page, token)

    def log_outputs(self, run_id: str, models: "Any") -> None:
        """Write down which models a run has made."""
        folder = os.path.join(self.run_dir(run_id), "mlflow")
        os.makedirs(folder, exist_ok=True)
        for model in models:
            append_record(os.path.join(folder, "outputs.jsonl"), {"model_id": model.model_id, "step": model.step})

    def _model(self, model_id: str) -> "tuple[str, dict[str, Any]]":
        for run_dir in self._place.runs():
            path = os.path.join(run_dir, *(*_FOLDER, model_id + ".json"))
            if os.path.exists(path):
                return run_dir, _read(path)
        raise _unknown(model_id)

    def _change(self, model_id: str, **fields: "Any") -> "Any":
        run_dir, record = self._model(model_id)
        record.update(fields, updated=int(time.time() * 1000))
        _write(run_dir, record)
        return _entity(run_dir, record)


def locations(run_dir: str) -> "list[str]":
    """Give the names under which a run keeps models' files."""
    return [record["location"] for record in _records(run_dir)]


def _unknown(model_id: str) -> MlflowException:
    return MlflowException("There is no logged model {}.".format(model_id), RESOURCE_DOES_NOT_EXIST)


def _records(run_dir: str) -> "Iterator[dict[str, Any]]":
    folder = os.path.join(run_dir, *_FOLDER)
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if name.endswith(".json"):
            yield _read(os.path.join(folder, name))


def _read(path: str) -> "dict[str, Any]":
    with open(path, encoding="utf-8") as file:
        record: "dict[str, Any]" = json.load(file)
    return record


def _write(run_dir: str, record: "dict[str, Any]") -> None:
    write_record(os.path.join(run_dir, *(*_FOLDER, record["model_id"] + ".json")), record)


def _entity(run_dir: str, record: "dict[str, Any]") -> "Any":
    from mlflow.entities import LoggedModel  # noqa: PLC0415 - MLflow 2 has none

    return LoggedModel(
        experiment_id=id_of(record["experiment"]),
        model_id=record["model_id"],
        name=record["name"],
        artifact_location=artifact_uri(run_dir, record["location"]),
        creation_timestamp=record["created"],
        last_updated_timestamp=record["updated"],
        model_type=record["model_type"],
        source_run_id=record["source_run_id"],
        status=record["status"],
        tags=record["tags"],
        params=record["params"],
        metrics=_metrics(run_dir, record["model_id"]),
    )


def _metrics(run_dir: str, model_id: str) -> "list[Any]":
    """Give the latest value of each metric that was logged for a model."""
    from mlflow.entities import Metric  # noqa: PLC0415 - as above

    records = list(read_records(os.path.join(run_dir, *_LINKS)))
    path = os.path.join(run_dir, "metrics.jsonl")
    if _contains(path, '"model_id":"{}"'.format(model_id).encode()):
        records += read_records(path)
    latest: "dict[str, Any]" = {}
    run_id = read_asked(run_dir)["run_id"]
    for record in records:
        more = record.get("m") or {}
        if more.get("model_id") == model_id and isinstance(record["v"], (int, float)):
            moment = int(record["t"] * 1000 + 0.5)
            latest[record["n"]] = Metric(record["n"], record["v"], moment, record.get("s", 0), run_id=run_id, **more)
    return list(latest.values())


def related(metric: "Any") -> "dict[str, str]":
    """Give which model and which data a point is about; MLflow 2 knows of neither."""
    names = ("model_id", "dataset_name", "dataset_digest")
    return {name: getattr(metric, name) for name in names if getattr(metric, name, None)}


def link_metric(run_dir: str, metric: "Any") -> None:
    """Write down that a point of the run's metrics is about a model."""
    os.makedirs(os.path.join(run_dir, _LINKS[0]), exist_ok=True)
    record = {"n": metric.key, "v": metric.value, "t": metric.timestamp / 1000, "s": metric.step, "m": related(metric)}
    append_record(os.path.join(run_dir, *_LINKS), record)


def _contains(path: str, mark: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return mark in file.read()
    except FileNotFoundError:
        return False
