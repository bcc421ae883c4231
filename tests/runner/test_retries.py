"""A run whose node dies is placed again, and goes on from its checkpoints."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest
from msgspec.structs import replace
from parts.gangs import AGAIN, TRAINING, left, logs, pytorch
from parts.submitting import Folder, reason, said, statuses, until

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.runs.run import Run
from jupyter_ext.runner import retries
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EngineNotAnswering, UserErrorException
from jupyter_ext.store.live.story import Story
from jupyter_ext.store.records import RunSpec, read_record


def launcher(run: Run, node: int = 0) -> int:
    """Return the process id of a node's launcher."""
    first = run.paths.launch_events(node).read_text().splitlines()[0]
    return int(json.loads(first)["pid"])


def phases(run: Run) -> dict[str, Any]:
    """Return what the monitor shows of the phases: their notes."""
    story = Story(run.paths)
    story.refresh()
    return {phase["name"]: phase["note"] for phase in story.phases()}


def checkpoints(run: Run, count: int) -> None:
    """Wait until so many ranks have one."""
    until(lambda: len([*run.paths.outputs.glob("checkpoints/*")]) == count)


def test_a_launcher_that_is_killed(folder: Folder) -> None:
    run = folder.submit(TRAINING, max_retries=1)
    checkpoints(run, 1)
    os.kill(launcher(run), signal.SIGKILL)
    assert run.wait_for_completion()["status"] == "Completed"
    assert said(run) == AGAIN
    assert statuses(run)[-5:] == ["Running", "Queued", "Running", "Finalizing", "Completed"]
    assert "The run's launcher was killed. Placed again (1 of 1)" in phases(run)["Queue"]
    assert run.get_file_names().count("outputs/checkpoints/0") == 1


def test_no_more_often_than_that(folder: Folder) -> None:
    text = "import os\nprint(os.getpid(), flush=True)\nos.kill(os.getppid(), 9)\n"
    run = folder.submit(text, max_retries=2)
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "The run's launcher was killed."
    assert run.paths.restarts == 2
    assert said(run).count("started again") == 2


def test_a_script_that_fails_is_not_started_again(folder: Folder) -> None:
    run = folder.submit("raise ValueError('bad')\n", max_retries=3)
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "ValueError: bad (train.py:1)"
    assert run.paths.restarts == 0


def test_its_time_goes_on(folder: Folder) -> None:
    text = (
        "import os, time\nif os.environ['AML_RESTART_COUNT'] == '0':\n    time.sleep(1)\n    os.kill(os.getppid(), 9)\n"
    )
    run = folder.submit(text + "time.sleep(300)\n", max_retries=1, max_run_duration_seconds=4)
    run.wait_for_completion(raise_on_error=False)
    assert "max_run_duration_seconds allows (4 s)" in reason(run)
    assert json.loads(run.paths.launch_spec(0).read_text())["max_seconds"] < 3


def test_a_number_that_is_none(folder: Folder) -> None:
    with pytest.raises(UserErrorException, match="max_retries is a whole number from 0 on, not -1"):
        folder.submit("1\n", max_retries=-1)
    assert not list(folder.experiment.get_runs())


def test_one_node_of_two(folder: Folder) -> None:
    target = ComputeTarget.create(
        folder.experiment.workspace, "pair", AmlCompute.provisioning_configuration(max_nodes=2)
    )
    given = {"compute_target": target, "distributed_job_config": pytorch(nodes=2), "max_retries": 1}
    run = folder.submit(TRAINING, **given)
    checkpoints(run, 2)
    os.kill(launcher(run, 1), signal.SIGKILL)
    assert run.wait_for_completion()["status"] == "Completed"
    assert list(logs(run).values()) == [AGAIN, AGAIN]
    assert "The launcher of node 1 was killed. Placed again (1 of 1)" in phases(run)["Queue"]


def test_an_engine_that_does_not_come_back(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    run = folder.submit("1\n")
    spec = read_record(run.paths.run_json, RunSpec)
    assert spec is not None
    monkeypatch.setattr(retries, "ENGINE_SECONDS", 0.5)
    noted: list[str] = []
    retries.wait_for_engine(spec, bool, noted.append)  # its node was no container
    assert noted == []
    with pytest.raises(EngineNotAnswering, match=r"No container engine answers at unix:.* Start it with"):
        retries.wait_for_engine(replace(spec, container=True), bool, noted.append)
    assert "for the container engine to come back" in noted[0]
    run.wait_for_completion()


@pytest.mark.docker
def test_a_container_of_two(boxed: Folder, given: dict[str, Any], client: Any) -> None:
    run = boxed.submit(TRAINING, distributed_job_config=pytorch(nodes=2), max_retries=1, **given)
    checkpoints(run, 2)
    client.containers.get(f"aml-{run.id}-1").kill()
    assert run.wait_for_completion()["status"] == "Completed"
    assert list(logs(run).values()) == [AGAIN, AGAIN]
    assert "The launcher of node 1 was killed" in str(phases(run)["Queue"])
    assert left(client, run) == []
