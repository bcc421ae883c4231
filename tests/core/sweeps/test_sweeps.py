"""Sweeps: drawn, run, ended early, found again."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from parts.submitting import Folder, pid_of_runner, reason, said, until

from jupyter_ext.azureml.train.estimator import Estimator
from jupyter_ext.azureml.train.hyperdrive import (
    BanditPolicy,
    BayesianParameterSampling,
    GridParameterSampling,
    HyperDriveConfig,
    HyperDriveRun,
    MedianStoppingPolicy,
    NoTerminationPolicy,
    PrimaryMetricGoal,
    RandomParameterSampling,
    TruncationSelectionPolicy,
    choice,
    loguniform,
    quniform,
    randint,
    uniform,
)
from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.runs.rows import RunRows
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import TrainingException, UserErrorException
from jupyter_ext.store.handed import hand_over

SCRIPT = """
import argparse
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.0); parser.add_argument("--units", type=int, default=1)
parser.add_argument("--fixed", default="")
asked = parser.parse_args(); run = Run.get_context()
for step in range(3): run.log("accuracy", asked.lr * asked.units - step)
"""


@pytest.fixture
def cluster(workspace: Workspace) -> ComputeTarget:
    return ComputeTarget.create(workspace, "cpu-cluster", AmlCompute.provisioning_configuration(max_nodes=2))


def sweep(folder: Folder, sampling: Any, text: str = SCRIPT, **given: Any) -> HyperDriveRun:
    config = folder.config(text, arguments=["--fixed", "f"], compute_target=given.pop("target", "local"))
    asked = {"max_total_runs": 4, "max_concurrent_runs": 2, **given}
    run = folder.experiment.submit(
        HyperDriveConfig(sampling, "accuracy", PrimaryMetricGoal.MAXIMIZE, run_config=config, **asked)
    )
    assert isinstance(run, HyperDriveRun)
    return run


def _row(run: HyperDriveRun) -> dict[str, Any]:
    workspace = run.experiment.workspace
    found = workspace._catalogue.find_run(run.id)
    assert found is not None
    return RunRows(workspace).of([found])[0]


def test_a_grid_to_its_end(folder: Folder, cluster: ComputeTarget) -> None:
    space = GridParameterSampling({"--lr": choice(0.1, 0.2, 0.3), "--units": choice([1, 2])})
    run = sweep(folder, space, target=cluster, max_total_runs=20)
    assert run.id.startswith("HD_")
    assert run.type == "hyperdrive"
    assert run.wait_for_completion()["status"] == "Completed", reason(run)
    children = list(run.get_children())
    assert len(children) == 6
    assert {child.get_status() for child in children} == {"Completed"}
    assert children[-1].id == f"{run.id}_0"
    assert children[-1].get_details()["runDefinition"]["arguments"] == ["--fixed", "f", "--lr", "0.1", "--units", "1"]
    assert children[-1].parent == run
    best = run.get_best_run_by_primary_metric()
    assert best is not None
    assert json.loads(run.get_hyperparameters()[best.id]) == {"--lr": 0.3, "--units": 2}
    assert json.loads(best.tags["hyperparameters"]) == {"--lr": 0.3, "--units": 2}
    ordered = run.get_children_sorted_by_primary_metric()
    assert [one["best_primary_metric"] for one in ordered] == sorted(
        (one["best_primary_metric"] for one in ordered), reverse=True
    )
    assert ordered[0] == {
        "run_id": best.id,
        "hyperparameters": '{"--lr": 0.3, "--units": 2}',
        "best_primary_metric": 0.6,
        "status": "Completed",
    }
    assert [one["run_id"] for one in run.get_children_sorted_by_primary_metric(top=1, reverse=True)] == [f"{run.id}_0"]
    assert run.get_metrics()[best.id] == {"accuracy": [0.6, -0.4, -1.4]}
    again = folder.experiment.workspace.get_run(run.id)
    assert isinstance(again, HyperDriveRun)
    assert again.get_best_run_by_primary_metric() == best
    assert [one.id for one in folder.experiment.get_runs(type="hyperdrive")] == [run.id]
    assert json.loads(run.tags["primary_metric_config"]) == {"name": "accuracy", "goal": "maximize"}
    assert run.tags["_aml_system_max_total_jobs"] == "20"
    assert _row(run)["metric"] == {"name": "accuracy", "last": 0.6, "best": 0.6}
    assert f"{run.id}_5 begins with --lr 0.3 --units 2" in said(run)
    with pytest.raises(UserErrorException, match="cannot be marked as failed"):
        run.fail()


def test_a_primary_metric_that_nobody_logs_is_told(folder: Folder) -> None:
    text = SCRIPT.replace('"accuracy"', '"acc"')
    run = sweep(folder, GridParameterSampling({"--lr": choice(0.1)}), text)
    assert run.wait_for_completion()["status"] == "Completed"
    told = "None of its runs logged the primary metric 'accuracy', but acc."
    assert run.get_detailed_status()["details"] == told
    assert f"{run.id}_0 ended Completed: no accuracy, but acc." in said(run)


def test_random_draws(folder: Folder) -> None:
    space = {"--lr": uniform(0.1, 0.2), "--units": randint(4)}
    run = sweep(folder, RandomParameterSampling(space, {"seed": 7}), max_total_runs=3)
    assert run.wait_for_completion()["status"] == "Completed", reason(run)
    drawn = [json.loads(one) for one in run.get_hyperparameters().values()]
    assert len(drawn) == 3
    assert all(0.1 <= one["--lr"] <= 0.2 and one["--units"] in range(4) for one in drawn)
    assert len({one["--lr"] for one in drawn}) == 3
    other = sweep(folder, RandomParameterSampling(space, {"seed": 7}), max_total_runs=1)
    other.wait_for_completion()
    assert json.loads(next(iter(other.get_hyperparameters().values()))) == drawn[0]


def test_a_seed_of_0_is_one(folder: Folder) -> None:
    sampling = RandomParameterSampling({"--lr": uniform(0, 1)}, {"seed": 0})
    goal = PrimaryMetricGoal.MAXIMIZE
    config = HyperDriveConfig(sampling, "accuracy", goal, max_total_runs=1, run_config=folder.config(SCRIPT))
    assert config._sweep().seed == 0


def test_draws_that_learn(folder: Folder, cluster: ComputeTarget) -> None:
    space = {"--lr": uniform(0, 1), "--units": choice(1, 2)}
    run = sweep(folder, BayesianParameterSampling(space), target=cluster, max_total_runs=5)
    assert run.wait_for_completion()["status"] == "Completed", reason(run)
    assert len(run.get_hyperparameters()) == 5
    onward = sweep(folder, BayesianParameterSampling(space), target=cluster, max_total_runs=1, resume_from=run)
    assert len(onward._spec.sweep.known) == 5  # type: ignore[union-attr]
    assert onward.wait_for_completion()["status"] == "Completed", reason(onward)
    best = run.get_best_run_by_primary_metric()
    first = sweep(folder, RandomParameterSampling(space), max_total_runs=1, resume_child_runs=[best])
    first.wait_for_completion()
    assert best is not None
    assert first.get_hyperparameters()[f"{first.id}_0"] == run.get_hyperparameters()[best.id]


def test_a_policy_ends_children(folder: Folder, cluster: ComputeTarget) -> None:
    text = """
import sys, time
from azureml.core import Run
run = Run.get_context(); good = sys.argv[-1] == "good"
for step in range(400):
    run.log("accuracy", 0.9 if good else 0.1); time.sleep(0.05)
    if good and step > 20: break
"""
    space = GridParameterSampling({"--kind": choice("good", "bad")})
    policy = BanditPolicy(slack_factor=0.2, evaluation_interval=2, delay_evaluation=4)
    run = sweep(folder, space, text, target=cluster, policy=policy)
    assert run.wait_for_completion()["status"] == "Completed", reason(run)
    assert {one["run_id"]: one["status"] for one in run.get_children_sorted_by_primary_metric()} == {
        f"{run.id}_0": "Completed",
        f"{run.id}_1": "Canceled",
    }
    log = said(run)
    assert f"The Bandit policy asks {run.id}_1 to end." in log  # whether it does it says itself: it may complete first
    assert f"{run.id}_1 ended Canceled: " in log
    best = run.get_best_run_by_primary_metric(include_failed=False, include_canceled=False)
    assert best is not None
    assert best.id == f"{run.id}_0"


def test_a_controller_that_is_killed_is_followed_by_another(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_ext.store import runners

    text = "import os, time\nwhile not os.path.exists('outputs/go'): time.sleep(0.05)\n" + SCRIPT
    run = sweep(folder, GridParameterSampling({"--lr": choice(0.1, 0.2)}), text, max_concurrent_runs=1)
    child = until(lambda: next(iter(run.get_children()), None))
    until(lambda: child.get_status() == "Running")
    os.kill(pid_of_runner(run), signal.SIGKILL)
    monkeypatch.setattr(runners, "_STARTING_SECONDS", 0.0)
    (child.paths.outputs / "go").touch()
    second = until(lambda: run.get_status() and next((one for one in run.get_children() if one != child), None))
    until(lambda: second.get_status() == "Running")
    (second.paths.outputs / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed", reason(run)
    assert [one.id for one in run.get_children()] == [f"{run.id}_1", f"{run.id}_0"]
    assert {one.get_status() for one in run.get_children()} == {"Completed"}


def test_a_child_that_was_being_written_down_begins_anew(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_ext.store import runners

    text = "import os, time\nwhile not os.path.exists('outputs/go'): time.sleep(0.05)\n" + SCRIPT
    run = sweep(folder, GridParameterSampling({"--lr": choice(0.1, 0.2)}), text, max_concurrent_runs=1)
    child = until(lambda: next(iter(run.get_children()), None))
    until(lambda: child.get_status() == "Running")
    os.kill(pid_of_runner(run), signal.SIGKILL)
    run.tag(f"{run.id}_1", '{"--lr": 0.2}')
    half = run.experiment.workspace._paths.run(f"{run.id}_1")
    half.user_logs.mkdir(parents=True)  # where a controller is killed between that and run.json
    hand_over(half, {}, None)
    monkeypatch.setattr(runners, "_STARTING_SECONDS", 0.0)
    (child.paths.outputs / "go").touch()
    second = until(lambda: run.get_status() and next((one for one in run.get_children() if one != child), None))
    until(lambda: second.get_status() == "Running")
    (second.paths.outputs / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed", reason(run)
    assert [one.get_status() for one in run.get_children()] == ["Completed"] * 2


def test_canceling(folder: Folder) -> None:
    run = sweep(folder, GridParameterSampling({"--lr": choice(1, 2, 3)}), "import time\ntime.sleep(60)\n")
    until(lambda: [one.get_status() for one in run.get_children()].count("Running") == 1)
    assert run.get_best_run_by_primary_metric() is None
    assert _row(run)["progress"] == {"text": "trial 2/4", "fraction": 0.0}
    run.cancel()
    assert run.wait_for_completion()["status"] == "Canceled"
    assert {one.get_status() for one in run.get_children()} == {"Canceled"}


def test_children_that_all_fail_fail_the_sweep(folder: Folder) -> None:
    run = sweep(folder, GridParameterSampling({"--lr": choice(1, 2)}), "raise ValueError('no data')")
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Failed"
    assert reason(run).startswith("All of its 2 runs failed, the first with: ValueError: no data")


def test_time_that_is_over(folder: Folder) -> None:
    run = sweep(
        folder, GridParameterSampling({"--lr": choice(1)}), "import time\ntime.sleep(60)\n", max_duration_minutes=0.02
    )
    assert run.wait_for_completion()["status"] == "Completed"
    assert [one.get_status() for one in run.get_children()] == ["Canceled"]


def test_an_estimator_and_a_command(folder: Folder) -> None:
    folder.write(SCRIPT)
    estimator = Estimator(
        str(folder.path),
        compute_target="local",
        entry_script="train.py",
        user_managed=True,
        script_params={"--lr": 5, "--fixed": "x"},
    )
    estimator.run_config.environment.python.interpreter_path = "python3"
    sampling = GridParameterSampling({"lr": choice(0.5)})
    run = folder.experiment.submit(
        HyperDriveConfig(sampling, "accuracy", PrimaryMetricGoal.MINIMIZE, 1, estimator=estimator), tags={"mine": "1"}
    )
    assert run.wait_for_completion()["status"] == "Completed", reason(run)
    (child,) = run.get_children()
    assert child.get_details()["runDefinition"]["arguments"] == ["--fixed", "x", "--lr", "0.5"]
    assert child.tags["hyperparameters"] == '{"lr": 0.5}'
    assert run.tags["mine"] == "1"
    command = folder.config(command="echo given")
    run = folder.experiment.submit(
        HyperDriveConfig(sampling, "none", PrimaryMetricGoal.MINIMIZE, 1, run_config=command, custom_run_id="HD_mine")
    )
    assert run.wait_for_completion()["status"] == "Completed", reason(run)
    assert [said(child) for child in run.get_children()] == ["given --lr 0.5\n"]
    assert run.id == "HD_mine"


def test_how_it_is_written() -> None:
    sampling = RandomParameterSampling({"--a": choice(1, 2, 3), "--b": loguniform(-3, -1), "--c": quniform(1, 9, 2)})
    assert sampling.to_json() == {
        "name": "RANDOM",
        "parameter_space": {
            "--a": ["choice", [[1, 2, 3]]],
            "--b": ["loguniform", [-3, -1]],
            "--c": ["quniform", [1, 9, 2]],
        },
        "properties": {},
    }
    assert choice(1, 2, 3) == choice([1, 2, 3]) == choice(range(1, 4))
    bandit = BanditPolicy(slack_amount=0.1, evaluation_interval=3)
    assert bandit.to_json() == {
        "name": "Bandit",
        "properties": {"evaluation_interval": 3, "delay_evaluation": 0, "slack_amount": 0.1},
    }
    assert MedianStoppingPolicy().to_json()["name"] == "MedianStopping"
    assert TruncationSelectionPolicy(20, delay_evaluation=5).to_json() == {
        "name": "TruncationSelection",
        "properties": {"evaluation_interval": 1, "delay_evaluation": 5, "truncation_percentage": 20},
    }
    assert NoTerminationPolicy().to_json()["name"] == "Default"
    assert PrimaryMetricGoal.from_str("Maximize") is PrimaryMetricGoal.MAXIMIZE


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"run_config": None}, "either an estimator or a run_config"),
        ({"pipeline": object()}, "Pipelines are not run here"),
        ({"max_total_runs": 0}, "above 0"),
        ({"hyperparameter_sampling": {}}, "RandomParameterSampling"),
        (
            {
                "hyperparameter_sampling": BayesianParameterSampling({"--lr": uniform(0, 1)}),
                "policy": BanditPolicy(1, 1),
            },
            "takes no policy",
        ),
    ],
)
def test_what_cannot_be_swept(folder: Folder, given: dict[str, Any], message: str) -> None:
    asked = {
        "hyperparameter_sampling": RandomParameterSampling({"--lr": uniform(0, 1)}),
        "primary_metric_name": "accuracy",
        "primary_metric_goal": PrimaryMetricGoal.MAXIMIZE,
        "max_total_runs": 1,
        "run_config": folder.config(SCRIPT),
    }
    with pytest.raises(TrainingException, match=message):
        HyperDriveConfig(**{**asked, **given})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (choice, "needs options"),
        (lambda: choice(Path()), "text or a number"),
        (lambda: uniform(2, 1), "from the smaller"),
        (lambda: quniform(1, 2, 0), "above 0"),
        (lambda: randint(0), "from 1"),
        (lambda: RandomParameterSampling({}), "is a dictionary"),
        (lambda: RandomParameterSampling({"--lr": 3}), "no expression"),
        (lambda: GridParameterSampling({"--lr": uniform(0, 1)}), "draws from choice, not uniform"),
        (lambda: BayesianParameterSampling({"--lr": loguniform(0, 1)}), "not loguniform"),
        (BanditPolicy, "either a slack_factor or a slack_amount"),
        (lambda: TruncationSelectionPolicy(0), "from 1 to 99"),
        (lambda: MedianStoppingPolicy(0), "at least 1"),
        (lambda: PrimaryMetricGoal.from_str("more"), "'maximize' or 'minimize'"),
    ],
)
def test_what_says_nothing(make: Any, message: str) -> None:
    with pytest.raises(UserErrorException, match=message):
        make()
