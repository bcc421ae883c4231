"""MLflow in a run: as a process or in a container, of a new release or of the oldest, and nothing of ours installed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from parts.submitting import Folder, said

from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.models.model import Model

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace

OLDEST = ["mlflow-skinny==2.0.1", "setuptools<81"]  # which needs pkg_resources and does not say so
SCRIPT = """\
import json, os, sys
import mlflow
from azureml.core import Run
run = Run.get_context()
mlflow.set_experiment(os.environ["MLFLOW_EXPERIMENT_NAME"])
with mlflow.start_run() as active:
    assert active.info.run_id == run.id, (active.info.run_id, run.id)
    mlflow.log_param("lr", 0.1)
    for step in range(3):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    run.log("loss", 0.25)
    mlflow.set_tag("kind", "trial")
    open("note.txt", "w").write("hello")
    mlflow.log_artifact("note.txt", "notes")
    with mlflow.start_run(run_name="inner", nested=True):
        mlflow.log_metric("x", 1)
with mlflow.start_run(run_name="second") as second:
    mlflow.log_metric("y", 2)
client = mlflow.tracking.MlflowClient()
read = client.get_run(run.id)
client.create_registered_model("kept")
version = client.create_model_version("kept", read.info.artifact_uri + "/notes", run.id)
print(json.dumps({
    "registered": [(one.name, one.version, one.run_id) for one in client.search_model_versions("name='kept'")],
    "files": os.listdir(client.get_model_version_download_uri("kept", version.version)),
    "mlflow": mlflow.__version__,
    "history": [point.step for point in client.get_metric_history(run.id, "loss")],
    "params": read.data.params, "status": read.info.status, "get_metrics": run.get_metrics(),
    "names": run.get_file_names(), "kind": run.get_tags()["kind"],
    "found": len(client.search_runs([read.info.experiment_id], "metrics.loss < 1")),
    "text": open(client.download_artifacts(run.id, "notes/note.txt")).read(),
}))
"""


def check(run: Run) -> None:
    run.wait_for_completion()
    told = json.loads(said(run).splitlines()[-1])
    assert told["history"] == [0, 1, 2, 3]
    assert told["get_metrics"] == {"loss": [1.0, 0.5, 1 / 3, 0.25]}
    assert (told["params"], told["kind"], told["text"]) == ({"lr": "0.1"}, "trial", "hello")
    assert (told["status"], told["found"]) == ("RUNNING", 1)
    assert "notes/note.txt" in told["names"]
    assert (told["registered"], told["files"]) == ([["kept", "1", run.id]], ["note.txt"])
    assert Model(run.experiment.workspace, "kept").run_id == run.id
    assert run.get_metrics() == told["get_metrics"]
    assert run.tags["kind"] == "trial"
    children = {child.display_name: child for child in run.get_children()}
    assert children.keys() == {"inner", "second"}
    assert children["inner"].get_metrics() == {"x": 1.0}
    assert {child.get_status() for child in children.values()} == {"Completed"}


def test_the_notebooks_own_mlflow(folder: Folder) -> None:
    run = folder.submit(SCRIPT)
    check(run)
    assert json.loads(said(run).splitlines()[-1])["mlflow"].startswith("3.")


def test_the_oldest_mlflow_in_an_environment_of_its_own(folder: Folder) -> None:
    environment = Environment("oldest")
    for line in OLDEST:
        environment.python.conda_dependencies.add_pip_package(line)
    run = folder.submit(SCRIPT, environment=environment)
    check(run)
    assert json.loads(said(run).splitlines()[-1])["mlflow"] == "2.0.1"


@pytest.mark.docker
def test_a_container_with_the_oldest_mlflow(tmp_path: Path, workspace: Workspace, base_image: str) -> None:
    environment = Environment.from_dockerfile(
        "oldest-box", f"FROM {base_image}\nRUN pip install {' '.join(map(repr, OLDEST))}\n"
    )
    run = Folder(tmp_path / "src", workspace).submit(SCRIPT, environment=environment)
    check(run)
    assert json.loads(said(run).splitlines()[-1])["mlflow"] == "2.0.1"


def test_a_tracking_server_of_the_users_own_is_left_to_him(folder: Folder) -> None:
    config = folder.config("import os\nprint(os.environ['MLFLOW_TRACKING_URI'], os.environ.get('MLFLOW_RUN_ID'))\n")
    config.run_config.environment_variables["MLFLOW_TRACKING_URI"] = "http://localhost:5000"
    run = folder.experiment.submit(config)
    run.wait_for_completion()
    assert said(run) == "http://localhost:5000 None\n"


AUTOLOG = """\
import mlflow
import numpy as np
from azureml.core import Run
from sklearn.linear_model import LinearRegression

mlflow.sklearn.autolog(silent=True)
inputs = np.random.default_rng(0).random((20, 2))
LinearRegression().fit(inputs, inputs.sum(axis=1))
run = Run.get_context()
assert mlflow.last_active_run().info.run_id == run.id
run.log("after", 1)
with mlflow.start_run(run_id=run.id):
    mlflow.sklearn.log_model(LinearRegression().fit(inputs, inputs[:, 0]), name="first", registered_model_name="line")
print(mlflow.pyfunc.load_model("models:/line/1").predict(inputs[:1]) - inputs[0, 0] < 1e-9)
"""


def test_autolog_and_log_model_are_of_the_submitted_run(folder: Folder) -> None:
    run = folder.submit(AUTOLOG)
    run.wait_for_completion()
    assert said(run).splitlines()[-1] == "[ True]"
    metrics = run.get_metrics()
    assert metrics["training_r2_score"] == pytest.approx([1, 1])  # of both fits
    assert metrics["after"] == 1
    assert {"model/MLmodel", "first/MLmodel"} <= set(run.get_file_names())
    model = Model(run.experiment.workspace, "line")
    assert (model.version, model.run_id) == (1, run.id)
    assert run.register_model("again", "model").version == 1
