"""MLflow's tracking store over run directories: what MLflow logs and what ``Run.log`` logs is one."""

import json
import os
import uuid

from mlflow.entities import Param, Run, RunInfo, RunStatus, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.tracking.abstract_store import AbstractStore
from mlflow.utils.search_utils import SearchUtils
from mlflow.utils.validation import _validate_metric

from ..children import make_child
from ..context import RUN_DIR_VARIABLE, rank
from ..events import append_event, read_state
from ..metric_logger import read_asked
from ..metrics_file import MetricsFile
from ..records import append_record
from .entities import NOTE, PARENT, RUN_NAME, STATUS_OF, run_entity
from .experiments import Experiments, _is_seen
from .models import LoggedModels, link_metric, related
from .places import Place, experiment_name, path_of
from .points import Points

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

    from mlflow.entities import Metric

_MANY = 1000
_HISTORY_TAG = "mlflow.log-model.history"
_NO_TRACES = "Runs of this workspace keep metrics, parameters, tags, models and files; traces have no place there."


class Store(Experiments, LoggedModels, AbstractStore):
    """The runs of a workspace, or of one run directory.

    A run that is made inside a run is its child. A submitted run's status follows from how its script ends, as in
    v1: what MLflow says of it does not change it.

    Parameters
    ----------
    store_uri
        Where they are.
    artifact_uri
        Not used: a run keeps its files itself.
    """

    def __init__(self, store_uri: str, artifact_uri: "str | None" = None) -> None:
        del artifact_uri
        super().__init__()
        self._place = Place(path_of(store_uri))
        self._writers: "dict[str, MetricsFile]" = {}
        self._points: "dict[str, Points]" = {}

    # runs

    def create_run(
        self,
        experiment_id: str,
        user_id: "str | None",
        start_time: "int | None",
        tags: "list[RunTag]",
        run_name: "str | None" = None,
    ) -> Run:
        """Make a run: a child of the run that its tags name, or that this code is in."""
        del start_time  # it is now
        given = {tag.key: tag.value for tag in tags or ()}
        name = run_name or given.pop(RUN_NAME, None)
        given.pop(RUN_NAME, None)
        given.setdefault("mlflow.user", user_id or "")
        parent = given.pop(PARENT, None)
        own = os.environ.get(RUN_DIR_VARIABLE)
        parent_dir = self.run_dir(parent) if parent else own
        run_dir = self._begin(experiment_name(experiment_id), parent_dir, name)
        append_event(run_dir, tags=given)
        if given.get(NOTE):
            append_event(run_dir, description=given[NOTE])
        return self.get_run(os.path.basename(run_dir))

    def _begin(self, experiment: str, parent_dir: "str | None", name: "str | None") -> str:
        """Make the directory of a run that goes on; give it."""
        if parent_dir is None:
            raise MlflowException(
                "A run is made here with jupyter-aml installed, or inside a run.", INVALID_PARAMETER_VALUE
            )
        del experiment  # a child belongs to its parent's
        parent = read_asked(parent_dir)
        run_dir = make_child(parent_dir, parent, uuid.uuid4().hex, None, "")
        if name:
            append_event(run_dir, display_name=name)
        return run_dir

    def _own_run(self, experiment_id: str, model_id: str) -> str:
        own = os.environ.get(RUN_DIR_VARIABLE)
        if own:
            return own
        run_id = self.create_run(experiment_id, None, None, [], model_id).info.run_id
        self.update_run_info(run_id, RunStatus.FINISHED, None, None)
        return self.run_dir(run_id)

    def run_dir(self, run_id: "str | None") -> str:
        """Give the directory of a run.

        Raises
        ------
        MlflowException
            There is no such run.
        """
        folder = self._place.find(run_id or "")
        if folder is None:
            raise MlflowException("There is no run {!r}.".format(run_id), RESOURCE_DOES_NOT_EXIST)
        return folder

    def get_run(self, run_id: str) -> Run:
        """Give a run with its parameters, tags and latest metrics."""
        return self._run(self.run_dir(run_id))

    def _run(self, run_dir: str) -> Run:
        if run_dir not in self._points:
            self._points[run_dir] = Points(os.path.join(run_dir, "metrics.jsonl"))
        return run_entity(run_dir, self._points[run_dir].latest())

    def update_run_info(
        self, run_id: str, run_status: "int | None", end_time: "int | None", run_name: "str | None" = None
    ) -> RunInfo:
        """Write down how a run goes on, or ends, and its name."""
        run_dir = self.run_dir(run_id)
        status = STATUS_OF.get(RunStatus.to_string(run_status)) if run_status is not None else None
        if status is not None and not os.path.isdir(os.path.join(run_dir, "launch")):
            self._end(run_dir, status, end_time)
        if run_name:
            append_event(run_dir, display_name=run_name)
        return self._run(run_dir).info

    def _end(self, run_dir: str, status: str, end_time: "int | None") -> None:
        """Write down that a run has ended."""
        append_event(run_dir, status=status, **({"t": end_time / 1000} if end_time else {}))

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted; its directory stays."""
        append_event(self.run_dir(run_id), deleted=True)

    def restore_run(self, run_id: str) -> None:
        """Take the mark away."""
        append_event(self.run_dir(run_id), deleted=False)

    def _search_runs(
        self,
        experiment_ids: "list[str]",
        filter_string: "str | None",
        run_view_type: int,
        max_results: int,
        order_by: "list[str] | None",
        page_token: "str | None",
    ) -> "tuple[list[Run], str | None]":
        names = set(map(experiment_name, experiment_ids))
        runs = [self._run(run_dir) for run_dir in self._place.runs() if read_asked(run_dir)["experiment"] in names]
        runs = [run for run in runs if _is_seen(run.info.lifecycle_stage, run_view_type)]
        found = SearchUtils.sort(SearchUtils.filter(runs, filter_string), order_by)
        page, token = SearchUtils.paginate(found, page_token, max_results)
        return page, token

    # what is logged

    def log_metric(self, run_id: str, metric: "Metric") -> None:
        """Append a point to the run's metrics."""
        _validate_metric(metric.key, metric.value, metric.timestamp, metric.step)
        writer = self._writers.get(run_id)
        if writer is None:
            run_dir = self.run_dir(run_id)
            own = run_dir == os.environ.get(RUN_DIR_VARIABLE)
            writer = MetricsFile(os.path.join(run_dir, "metrics.jsonl"), rank() if own else None)
            self._writers[run_id] = writer
        more = related(metric)
        writer.scalar(
            metric.key, metric.value, "", int(metric.step), metric.timestamp / 1000, {"m": more} if more else None
        )

    def log_param(self, run_id: str, param: Param) -> None:
        """Write down a parameter."""
        self.log_batch(run_id, (), (param,), ())

    def set_tag(self, run_id: str, tag: RunTag) -> None:
        """Tag a run; its name and its description are tags of MLflow too."""
        self.log_batch(run_id, (), (), (tag,))

    def delete_tag(self, run_id: str, key: str) -> None:
        """Take a tag away."""
        run_dir = self.run_dir(run_id)
        if key not in self._run(run_dir).data.tags:
            raise MlflowException("Run {} has no tag {!r}.".format(run_id, key), RESOURCE_DOES_NOT_EXIST)
        append_event(run_dir, removed_tags=[key])

    def log_batch(self, run_id: str, metrics: "Any", params: "Any", tags: "Any") -> None:
        """Write down metrics, parameters and tags; parameters keep their first value."""
        run_dir = self.run_dir(run_id)
        wanted = {param.key: str(param.value) for param in params}
        if wanted:
            known = read_state(run_dir)["params"]
            for key, value in wanted.items():
                if known.get(key, value) != value:
                    raise MlflowException(
                        "Parameter {!r} of run {} is {!r}, and cannot become {!r}: log it under another name, or to "
                        "another run.".format(key, run_id, known[key], value),
                        INVALID_PARAMETER_VALUE,
                    )
            append_event(run_dir, params={key: value for key, value in wanted.items() if key not in known})
        for metric in metrics:
            if getattr(metric, "model_id", None) and self._has_point(run_dir, metric):
                link_metric(run_dir, metric)  # MLflow 3 says again what a model is to be known by
            else:
                self.log_metric(run_id, metric)
        given = {tag.key: str(tag.value) for tag in tags}
        if given:
            append_event(run_dir, tags=given, **_told_twice(given))

    def _has_point(self, run_dir: str, metric: "Metric") -> bool:
        point = (metric.step, metric.timestamp, metric.value)
        return any((one.step, one.timestamp, one.value) == point for one in self._history(run_dir, metric.key))

    def get_metric_history(
        self, run_id: str, metric_key: str, max_results: "int | None" = None, page_token: "str | None" = None
    ) -> "PagedList":
        """Give every point of a metric, all at once."""
        del max_results, page_token
        return PagedList(self._history(self.run_dir(run_id), metric_key), None)

    def _history(self, run_dir: str, name: str) -> "list[Metric]":
        return Points(os.path.join(run_dir, "metrics.jsonl")).history(name)

    def log_inputs(self, run_id: str, datasets: "Any" = None, models: "Any" = None) -> None:
        """Write down which data a run has used."""
        del models
        folder = os.path.join(self.run_dir(run_id), "mlflow")
        os.makedirs(folder, exist_ok=True)
        for one in datasets or ():
            record = {"dataset": dict(one.dataset), "tags": {tag.key: tag.value for tag in one.tags}}
            append_record(os.path.join(folder, "inputs.jsonl"), record)

    def _search_datasets(self, experiment_ids: "list[str]") -> "list[Any]":
        """Give the data that runs of experiments have used; MLflow's view asks for it."""
        from mlflow.entities import _DatasetSummary  # noqa: PLC0415 - MLflow 2.0 has none

        found = {}
        for run in self._search_runs(experiment_ids, None, ViewType.ACTIVE_ONLY, _MANY, None, None)[0]:
            for one in run.inputs.dataset_inputs if run.inputs else ():
                context = next((tag.value for tag in one.tags if tag.key == "mlflow.data.context"), None)
                key = (run.info.experiment_id, one.dataset.name, one.dataset.digest, context)
                found[key] = _DatasetSummary(*key)
        return list(found.values())

    def record_logged_model(self, run_id: str, mlflow_model: "Any") -> None:
        """Write down that MLflow 2 has logged a model."""
        history = json.loads(self.get_run(run_id).data.tags.get(_HISTORY_TAG, "[]"))
        describe = getattr(mlflow_model, "get_tags_dict", mlflow_model.to_dict)
        self.set_tag(run_id, RunTag(_HISTORY_TAG, json.dumps([*history, describe()])))

    # MLflow 3's traces

    def start_trace(self, *_: "Any", **__: "Any") -> "Any":
        """Refuse: a function that is traced goes on, and MLflow warns with this sentence.

        Raises
        ------
        MlflowException
            Always.
        """
        raise MlflowException(_NO_TRACES, INVALID_PARAMETER_VALUE)

    def search_traces(self, *_: "Any", **__: "Any") -> "tuple[list[Any], None]":
        """Give the traces, of which there are none."""
        return [], None

    def link_traces_to_run(self, *_: "Any", **__: "Any") -> None:
        """Refuse: there are no traces.

        Raises
        ------
        MlflowException
            Always.
        """
        raise MlflowException(_NO_TRACES, INVALID_PARAMETER_VALUE)


def _told_twice(tags: "dict[str, str]") -> "dict[str, str]":
    """Give what is a tag to MLflow and something of its own to v1."""
    names = {RUN_NAME: "display_name", NOTE: "description"}
    return {names[key]: value for key, value in tags.items() if key in names}
