"""A run directory as MLflow's entities, in the form of whatever release of MLflow there is."""

import inspect
import os

from mlflow.entities import Param, Run, RunData, RunInfo, RunTag

from ..events import read_state
from ..metric_logger import read_asked
from ..records import read_records
from .places import artifact_uri, experiment_id

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

    from mlflow.entities import Metric

PARENT, RUN_NAME, NOTE = "mlflow.parentRunId", "mlflow.runName", "mlflow.note.content"

_STATUSES = {
    "Running": "RUNNING",
    "Finalizing": "RUNNING",
    "CancelRequested": "RUNNING",
    "Completed": "FINISHED",
    "Failed": "FAILED",
    "Canceled": "KILLED",
}
STATUS_OF = {"FINISHED": "Completed", "FAILED": "Failed", "KILLED": "Canceled"}
_INFO_PARAMETERS = inspect.signature(RunInfo).parameters
_RUN_PARAMETERS = inspect.signature(Run).parameters


def run_entity(run_dir: str, metrics: "list[Metric]") -> Run:
    """Make MLflow's Run of a run directory.

    Parameters
    ----------
    run_dir
        The run directory.
    metrics
        The latest value of each metric.
    """
    asked = read_asked(run_dir)
    state = read_state(run_dir, asked)
    tags = _tags(asked, state)
    data = RunData(
        metrics,
        [Param(name, str(value)) for name, value in state["params"].items()],
        [RunTag(name, str(value)) for name, value in tags.items()],
    )
    given: "dict[str, Any]" = {}
    if "run_inputs" in _RUN_PARAMETERS:
        given["run_inputs"] = _inputs(run_dir)
    if "run_outputs" in _RUN_PARAMETERS:
        given["run_outputs"] = _outputs(run_dir)
    return Run(_info(run_dir, asked, state, tags), data, **given)


def _info(run_dir: str, asked: "dict[str, Any]", state: "dict[str, Any]", tags: "dict[str, Any]") -> RunInfo:
    given = {"run_id": asked["run_id"], "run_uuid": asked["run_id"]}
    given = {name: value for name, value in given.items() if name in _INFO_PARAMETERS}
    ended = state["ended"]
    return RunInfo(
        experiment_id=experiment_id(asked["experiment"]),
        user_id=tags.get("mlflow.user") or "",
        status=_STATUSES.get(state["status"], "SCHEDULED"),
        start_time=_milliseconds(state["started"] or asked.get("created") or 0),
        end_time=None if ended is None else _milliseconds(ended),
        lifecycle_stage="deleted" if state["deleted"] else "active",
        artifact_uri=artifact_uri(run_dir),
        run_name=tags[RUN_NAME],
        **given,
    )


def _tags(asked: "dict[str, Any]", state: "dict[str, Any]") -> "dict[str, Any]":
    """Give the run's tags, and what MLflow would have told about it in tags of its own."""
    tags = {
        "mlflow.user": asked.get("submitted_by"),
        "mlflow.source.name": asked.get("script") or asked.get("command"),
        "mlflow.source.type": "JOB" if asked.get("script") or asked.get("command") else None,
        PARENT: asked.get("parent"),
        NOTE: state["description"],
    }
    tags.update((name, value) for name, value in state["properties"].items() if name.startswith("mlflow."))
    tags.update(state["tags"])
    tags[RUN_NAME] = state["display_name"] or asked["run_id"]
    return {name: value for name, value in tags.items() if value is not None}


def _inputs(run_dir: str) -> "Any":
    from mlflow.entities import Dataset, DatasetInput, InputTag, RunInputs  # noqa: PLC0415 - MLflow 2.0 has none

    inputs = []
    for record in read_records(os.path.join(run_dir, "mlflow", "inputs.jsonl")):
        tags = [InputTag(key, value) for key, value in record["tags"].items()]
        inputs.append(DatasetInput(Dataset(**record["dataset"]), tags))
    return RunInputs(inputs)


def _outputs(run_dir: str) -> "Any":
    from mlflow.entities import LoggedModelOutput, RunOutputs  # noqa: PLC0415 - MLflow 2 has none

    outputs = read_records(os.path.join(run_dir, "mlflow", "outputs.jsonl"))
    return RunOutputs([LoggedModelOutput(record["model_id"], record["step"]) for record in outputs])


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000 + 0.5)
