"""MLflow projects, submitted as runs of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.core.runs.run import Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_ext.core.workspaces.workspace import Workspace

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("no_engine")]
PROJECT = """\
name: elastic
python_env: python_env.yaml
entry_points:
  main:
    parameters:
      alpha: float
      ratio: {type: float, default: 0.1}
    command: "python train.py {alpha} {ratio}"
"""
TRAIN = """\
import sys
import mlflow
with mlflow.start_run():
    mlflow.log_param("alpha", float(sys.argv[1]))
    mlflow.log_metric("ratio", float(sys.argv[2]))
if float(sys.argv[1]) < 0:
    sys.exit("a negative alpha")
"""


@pytest.fixture
def mlflow(workspace: Workspace, in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """MLflow, tracking to the workspace, in the folder of a project."""
    import mlflow
    import mlflow.projects

    (in_folder / "MLproject").write_text(PROJECT)
    (in_folder / "python_env.yaml").write_text("dependencies:\n- mlflow-skinny\n- six==1.16.0\n")
    (in_folder / "train.py").write_text(TRAIN)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr("mlflow.tracking.fluent._active_experiment_id", None)
    mlflow.set_tracking_uri(workspace.get_mlflow_tracking_uri())
    yield mlflow
    mlflow.set_tracking_uri(None)


def test_a_project_is_a_run(workspace: Workspace, mlflow: Any, capfd: pytest.CaptureFixture[str]) -> None:
    mlflow.set_experiment("projects")
    submitted = mlflow.projects.run(
        ".", parameters={"alpha": 0.3}, backend="azureml", backend_config={"USE_CONDA": False}
    )
    assert (submitted.wait(), submitted.get_status()) == (True, "FINISHED")
    assert "Execution Summary" in capfd.readouterr().out
    run = Run.get(workspace, submitted.run_id)
    assert (run.experiment.name, run.get_status(), run.get_metrics()) == ("projects", "Completed", {"ratio": 0.1})
    data = mlflow.get_run(submitted.run_id).data
    assert data.params == {"alpha": "0.3"}
    assert (data.tags["mlflow.project.backend"], data.tags["mlflow.project.entryPoint"]) == ("azureml", "main")


def test_a_project_on_a_compute_target_with_its_environment(workspace: Workspace, mlflow: Any) -> None:
    submitted = mlflow.projects.run(
        ".",
        experiment_name="projects",
        parameters={"alpha": 1, "ratio": 0.5},
        backend="azureml",
        backend_config={"COMPUTE": "local", "STREAM_OUTPUT": False},
        synchronous=False,
    )
    assert submitted.wait()
    run = Run.get(workspace, submitted.run_id)
    assert run.get_metrics() == {"ratio": 0.5}
    assert "six==1.16.0" in list(run.get_environment().python.conda_dependencies.pip_packages)


def test_a_project_that_fails(mlflow: Any) -> None:
    with pytest.raises(mlflow.exceptions.ExecutionException, match=r"Run \(ID 'projects_.*'\) failed"):
        mlflow.projects.run(
            ".",
            experiment_name="projects",
            parameters={"alpha": -1},
            backend="azureml",
            backend_config={"USE_CONDA": False, "STREAM_OUTPUT": False},
        )


def test_a_project_that_is_cancelled(mlflow: Any, in_folder: Path) -> None:
    (in_folder / "train.py").write_text("import time\ntime.sleep(600)\n")
    submitted = mlflow.projects.run(
        ".",
        experiment_name="projects",
        parameters={"alpha": 1},
        backend="azureml",
        backend_config={"USE_CONDA": False, "STREAM_OUTPUT": False},
        synchronous=False,
    )
    submitted.cancel()
    assert (submitted.wait(), submitted.get_status()) == (False, "KILLED")


def test_mlflow_that_tracks_elsewhere_is_told(mlflow: Any, tmp_path: Path) -> None:
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    with pytest.raises(mlflow.exceptions.ExecutionException, match=r"no workspace: call mlflow\.set_tracking_uri"):
        mlflow.projects.run(".", parameters={"alpha": 1}, backend="azureml")
