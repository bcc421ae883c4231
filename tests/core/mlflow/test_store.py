"""MLflow in the notebook, over a workspace: no server, no database."""

from __future__ import annotations

import json
import logging
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from parts.submitting import Folder, until

from jupyter_ext.core.models.model import Model
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.runtime.inside.jupyter_aml_run.mlflow_plugin.points import Points

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_ext.core.workspaces.workspace import Workspace

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture
def mlflow(workspace: Workspace, in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """MLflow, tracking to the workspace."""
    del in_folder
    import mlflow

    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr("mlflow.tracking.fluent._active_experiment_id", None)
    mlflow.set_tracking_uri(workspace.get_mlflow_tracking_uri())
    yield mlflow
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)


@pytest.fixture
def file(in_folder: Path) -> str:
    (in_folder / "model.txt").write_text("weights")
    return "model.txt"


def client(mlflow: Any) -> Any:
    return mlflow.MlflowClient()


def test_a_run_of_mlflow_is_a_run_of_the_workspace(workspace: Workspace, mlflow: Any) -> None:
    mlflow.set_experiment("birds")
    with mlflow.start_run(run_name="first", description="of its kind") as active:
        mlflow.log_params({"lr": 0.1, "depth": 3})
        for step, value in enumerate((1.0, 0.5, 0.25)):
            mlflow.log_metric("loss", value, step=step * 10)
        mlflow.log_metric("acc", 1)
        mlflow.set_tag("kind", "trial")
        mlflow.log_text("hello", "notes/hello.txt")
        run = Run.get(workspace, active.info.run_id)
        assert run.get_status() == "Running"
    assert run.get_status() == "Completed"
    assert run.experiment.name == "birds"
    assert [one.id for one in Experiment(workspace, "birds").get_runs()] == [run.id]
    assert (run.display_name, run.description) == ("first", "of its kind")
    assert run.get_metrics() == {"loss": [1.0, 0.5, 0.25], "acc": 1.0}
    assert run.tags["kind"] == "trial"
    assert run.get_file_names() == ["notes/hello.txt"]
    points = [json.loads(line) for line in run.paths.metrics.read_text().splitlines()]
    assert [point["s"] for point in points] == [0, 10, 20, 0]


def test_what_was_logged_is_read_back(mlflow: Any) -> None:
    experiment = mlflow.set_experiment("birds")
    with mlflow.start_run() as active:
        mlflow.log_param("lr", 0.1)
        client(mlflow).log_metric(active.info.run_id, "loss", 0.5, timestamp=1_700_000_000_123, step=7)
        client(mlflow).log_metric(active.info.run_id, "loss", math.inf, timestamp=1_700_000_000_456, step=8)
        mlflow.log_dict({"a": 1}, "d.json")
    again = mlflow.get_run(active.info.run_id)
    assert again.data.params == {"lr": "0.1"}
    assert again.data.metrics == {"loss": math.inf}
    assert (again.info.status, again.info.experiment_id) == ("FINISHED", experiment.experiment_id)
    assert again.info.start_time <= again.info.end_time
    history = client(mlflow).get_metric_history(active.info.run_id, "loss")
    assert [(one.step, one.timestamp, one.value) for one in history] == [
        (7, 1_700_000_000_123, 0.5),
        (8, 1_700_000_000_456, math.inf),
    ]
    assert client(mlflow).get_metric_history(active.info.run_id, "none") == []
    assert mlflow.artifacts.load_dict(f"runs:/{active.info.run_id}/d.json") == {"a": 1}
    assert mlflow.get_experiment_by_name("birds").experiment_id == experiment.experiment_id
    assert mlflow.get_experiment_by_name("none") is None
    assert [one.name for one in mlflow.search_experiments(filter_string="name LIKE 'bi%'")] == ["birds"]


def test_runs_are_searched(mlflow: Any) -> None:
    mlflow.set_experiment("birds")
    for lr in (0.1, 0.2, 0.3):
        with mlflow.start_run():
            mlflow.log_param("lr", lr)
            mlflow.log_metric("acc", 1 - lr)
    found = mlflow.search_runs(filter_string="metrics.acc > 0.75", order_by=["metrics.acc ASC"])
    assert list(found["params.lr"]) == ["0.2", "0.1"]
    page = client(mlflow).search_runs(["birds"], max_results=2)
    rest = client(mlflow).search_runs(["birds"], max_results=2, page_token=page.token)
    assert (len(page), len(rest), rest.token) == (2, 1, None)
    client(mlflow).delete_run(page[0].info.run_id)
    assert len(mlflow.search_runs()) == 2
    client(mlflow).restore_run(page[0].info.run_id)
    assert len(mlflow.search_runs()) == 3


def test_a_nested_run_is_a_child(workspace: Workspace, mlflow: Any) -> None:
    with mlflow.start_run() as parent, mlflow.start_run(run_name="inner", nested=True) as child:
        mlflow.log_metric("x", 1)
    run = Run.get(workspace, parent.info.run_id)
    assert run.experiment.name == "Default"  # where none is set, as everywhere in MLflow
    assert [one.id for one in run.get_children()] == [child.info.run_id]
    assert mlflow.get_run(child.info.run_id).data.tags["mlflow.parentRunId"] == run.id


def test_a_run_that_fails(workspace: Workspace, mlflow: Any) -> None:
    with pytest.raises(ZeroDivisionError), mlflow.start_run() as active:
        raise ZeroDivisionError
    assert Run.get(workspace, active.info.run_id).get_status() == "Failed"
    assert mlflow.get_run(active.info.run_id).info.status == "FAILED"


def test_a_process_that_dies_leaves_no_run_that_goes_on(workspace: Workspace, mlflow: Any) -> None:
    code = (
        "import mlflow, os, sys\nmlflow.set_tracking_uri(sys.argv[1])\n"
        "print(mlflow.start_run().info.run_id, flush=True)\nos._exit(1)"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, workspace.get_mlflow_tracking_uri()]
    run_id = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()[-1]
    run = Run.get(workspace, run_id)
    until(lambda: run.get_status() == "Failed")
    assert "without completing it" in run.get_detailed_status()["details"]


def test_what_run_log_writes_is_read_by_mlflow(workspace: Workspace, mlflow: Any) -> None:
    run = Experiment(workspace, "birds").start_logging(outputs=False, snapshot_directory=None)
    for value in (3, 2, 1):
        run.log("loss", value)
    run.log_list("more", [1.5, 2.5])
    run.log_row("row", x=1)
    run.log("text", "words")
    run.complete()
    read = mlflow.get_run(run.id)
    assert read.data.metrics == {"loss": 1, "more": 2.5}
    history = client(mlflow).get_metric_history(run.id, "loss")
    assert [(one.step, one.value) for one in history] == [(0, 3), (1, 2), (2, 1)]


def test_a_submitted_run_seen_from_mlflow(folder: Folder, mlflow: Any) -> None:
    run = folder.submit("open('outputs/m.txt', 'w').write('m')\n", arguments=["--lr", 0.1])
    run.wait_for_completion()
    read = mlflow.get_run(run.id)
    assert (read.info.status, read.data.tags["mlflow.source.name"]) == ("FINISHED", "train.py")
    names = [one.path for one in client(mlflow).list_artifacts(run.id, "outputs")]
    assert names == ["outputs/m.txt"]
    client(mlflow).set_terminated(run.id, "FAILED")
    assert run.get_status() == "Completed"


def test_an_artifact_that_is_logged_again_gets_the_new_content(workspace: Workspace, mlflow: Any) -> None:
    with mlflow.start_run() as active:
        mlflow.log_text("old", "best.txt")
        mlflow.log_text("new", "best.txt")
        with pytest.raises(mlflow.MlflowException, match="where the run keeps its own files"):
            mlflow.log_text("x", "user_logs/std_log.txt")
    assert mlflow.artifacts.load_text(f"runs:/{active.info.run_id}/best.txt") == "new"
    assert not list(workspace._paths.runs.rglob(".uploading/*"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda mlflow: mlflow.log_param("lr", 0.2), "cannot become '0.2'"),
        (lambda mlflow: mlflow.log_metric("x", "high"), "high"),
        (lambda mlflow: mlflow.get_run("nothing"), "no run 'nothing'"),
        (lambda mlflow: mlflow.create_experiment("two words"), "letters, digits"),
        (lambda mlflow: mlflow.create_experiment("birds"), "exists already"),
        (lambda mlflow: client(mlflow).rename_experiment("birds", "fish"), "Make a new experiment"),
        (lambda mlflow: mlflow.artifacts.download_artifacts(f"runs:/{mlflow.active_run().info.run_id}/none"), "none"),
    ],
)
def test_what_cannot_be_is_refused(mlflow: Any, wrong: Any, says: str) -> None:
    mlflow.set_experiment("birds")
    with mlflow.start_run():
        mlflow.log_param("lr", 0.1)
        mlflow.log_param("lr", 0.1)
        with pytest.raises(mlflow.MlflowException, match=says):
            wrong(mlflow)


def test_experiments_have_tags_and_can_be_deleted(workspace: Workspace, mlflow: Any) -> None:
    made = mlflow.create_experiment("birds", tags={"a": "1"})
    client(mlflow).set_experiment_tag(made, "b", "2")
    assert mlflow.get_experiment(made).tags == {"a": "1", "b": "2"}
    mlflow.delete_experiment(made)
    assert mlflow.search_experiments() == []
    client(mlflow).restore_experiment(made)
    assert [one.name for one in mlflow.search_experiments()] == ["birds"]
    assert [one.name for one in Experiment.list(workspace)] == ["birds"]


def test_a_model_is_logged_and_loaded(workspace: Workspace, mlflow: Any) -> None:
    import numpy as np
    from sklearn.linear_model import LinearRegression

    mlflow.sklearn.autolog(silent=True, log_datasets=True)
    try:
        rng = np.random.default_rng(0)
        inputs = rng.random((20, 2))
        LinearRegression().fit(inputs, inputs.sum(axis=1))
        last = mlflow.last_active_run()
    finally:
        mlflow.sklearn.autolog(disable=True)
    assert last.data.params["fit_intercept"] == "True"
    assert last.data.metrics["training_r2_score"] == pytest.approx(1)
    assert len(last.inputs.dataset_inputs) == 1
    names = [one.path for one in client(mlflow).list_artifacts(last.info.run_id, "model")]
    assert len(names) == len(set(names))
    assert "model/MLmodel" in names
    history = client(mlflow).get_metric_history(last.info.run_id, "training_r2_score")
    assert len(history) == 1  # MLflow 3 logs it again, as the model's
    (logged,) = mlflow.search_logged_models(output_format="list")
    assert {one.key for one in logged.metrics} >= {"training_r2_score"}
    assert (logged.source_run_id, str(logged.status)) == (last.info.run_id, "READY")
    for uri in (f"runs:/{last.info.run_id}/model", logged.model_uri):
        predicted = mlflow.pyfunc.load_model(uri).predict(inputs)
        assert np.allclose(predicted, inputs.sum(axis=1))
    assert Run.get(workspace, last.info.run_id).register_model("line", "model").version == 1


def test_models_are_registered_and_found_by_both(workspace: Workspace, mlflow: Any) -> None:
    with mlflow.start_run() as active:
        info = mlflow.pyfunc.log_model(name="echo", python_model=echo(mlflow), pip_requirements=["mlflow"])
    version = mlflow.register_model(f"runs:/{active.info.run_id}/echo", "birds", tags={"a": "1"})
    assert (version.version, version.run_id) == ("1", active.info.run_id)
    model = Model(workspace, "birds")
    assert (model.version, model.run_id, model.tags) == (1, active.info.run_id, {"a": "1"})
    assert mlflow.pyfunc.load_model("models:/birds/1").predict(["x"]) == ["x"]
    assert mlflow.register_model(info.model_uri, "birds").version == "2"
    run = Run.get(workspace, active.info.run_id)
    assert run.register_model("birds", "echo").version == 3
    tracker = client(mlflow)
    assert [one.version for one in tracker.search_model_versions("name = 'birds'")] == ["3", "2", "1"]
    tracker.set_registered_model_alias("birds", "best", "2")
    tracker.set_model_version_tag("birds", "2", "b", "2")
    assert mlflow.pyfunc.load_model("models:/birds@best").predict(["x"]) == ["x"]
    assert Model(workspace, "birds", version=2).tags == {"b": "2"}
    assert [one.name for one in tracker.search_registered_models()] == ["birds"]
    tracker.delete_model_version("birds", "3")
    assert Model(workspace, "birds").version == 2
    tracker.delete_registered_model("birds")
    assert Model.list(workspace) == []
    with pytest.raises(mlflow.MlflowException, match="There is no registered model 'birds'"):
        tracker.get_registered_model("birds")


@pytest.mark.parametrize("name", ["", ".", "..", "birds/..", "../models/birds"])
def test_a_path_names_no_model(workspace: Workspace, mlflow: Any, file: str, name: str) -> None:
    Model.register(workspace, file, "birds")
    tracker = client(mlflow)
    for wrong in (
        tracker.delete_registered_model,
        tracker.get_registered_model,
        tracker.create_registered_model,
        lambda name: tracker.set_registered_model_tag(name, "a", "1"),
    ):
        with pytest.raises(mlflow.MlflowException):
            wrong(name)
    assert Model(workspace, "birds").version == 1
    assert [entry.name for entry in workspace._paths.models.iterdir()] == ["birds"]


def test_traces_and_prompts_are_not_kept_and_say_so(
    mlflow: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import tracing

    @mlflow.trace
    def doubled(number: int) -> int:
        return 2 * number

    monkeypatch.setattr(logging.getLogger("mlflow"), "propagate", True)
    with mlflow.start_run():
        assert doubled(3) == 6
        mlflow.log_metric("a", 1)
    if hasattr(mlflow, "flush_trace_async_logging"):
        mlflow.flush_trace_async_logging(terminate=True)
    assert "traces have no place there" in caplog.text
    assert len(mlflow.search_traces()) == 0
    with pytest.raises(mlflow.MlflowException, match=r"prompts have no place there: keep the text with the run"):
        mlflow.genai.register_prompt(name="p", template="Say {{x}}")
    assert mlflow.MlflowClient().search_registered_models() == []
    tracing.reset()


def test_a_version_reaches_a_stage(workspace: Workspace, mlflow: Any, file: str) -> None:
    for _ in range(2):
        Model.register(workspace, file, "birds")
    tracker = client(mlflow)
    assert tracker.transition_model_version_stage("birds", "1", "production").current_stage == "Production"
    tracker.transition_model_version_stage("birds", 2, "Production", archive_existing_versions=True)
    assert [one.current_stage for one in map(tracker.get_model_version, ["birds"] * 2, "12")] == [
        "Archived",
        "Production",
    ]
    assert [one.version for one in tracker.get_latest_versions("birds", ["Production"])] == ["2"]
    with pytest.raises(mlflow.MlflowException, match="Invalid Model Version stage"):
        tracker.transition_model_version_stage("birds", "1", "Finished")
    with pytest.raises(mlflow.MlflowException, match="has no version 3"):
        tracker.transition_model_version_stage("birds", "3", "Staging")
    assert Model.register(workspace, file, "birds").version == 3
    assert tracker.get_model_version("birds", "3").current_stage == "None"


def test_those_who_change_a_model_at_once_lose_nothing(workspace: Workspace, mlflow: Any, file: str) -> None:
    Model.register(workspace, file, "birds")
    tracker, numbers = client(mlflow), [str(number) for number in range(40)]

    def change(number: str) -> None:
        tracker.set_registered_model_alias("birds", f"a{number}", "1")
        tracker.set_registered_model_tag("birds", number, number)
        tracker.set_model_version_tag("birds", "1", number, number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(change, numbers))
    model = tracker.get_registered_model("birds")
    assert sorted(model.aliases) == sorted(f"a{number}" for number in numbers)
    assert model.tags == Model(workspace, "birds").tags == dict(zip(numbers, numbers, strict=True))


def test_points_that_several_ask_for_are_taken_once(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    line = '{"n":"loss","v":1.0,"t":1.0}\n'
    file.write_text(line * 50_000)
    points = Points(str(file))
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda _: points.latest(), range(8)))
    assert [[one.step for one in metrics] for metrics in told] == [[49_999]] * 8
    with file.open("a") as more:
        more.write(line.replace("1.0,", "2.0,"))
    assert [(one.step, one.value) for one in points.latest()] == [(50_000, 2.0)]


def echo(mlflow: Any) -> Any:
    class Echo(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return model_input

    return Echo()
