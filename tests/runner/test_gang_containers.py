"""Runs whose nodes are containers of a real engine, on a network of the run's own."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest
from parts.gangs import ALLREDUCE, left, logs, make_old, pytorch
from parts.submitting import Folder, pid_of_runner, reason, until

from jupyter_ext.core.submission.distributed import MpiConfiguration, TensorflowConfiguration
from jupyter_ext.core.submission.runconfig_parts import DockerConfiguration
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.locks import is_locked

pytestmark = pytest.mark.docker


def test_nodes_find_one_another_by_name(boxed: Folder, given: dict[str, Any], client: Any) -> None:
    run = boxed.submit(ALLREDUCE, distributed_job_config=pytorch(4, 2), **given)
    assert run.wait_for_completion()["status"] == "Completed"
    said = [json.loads(text) for text in logs(run).values()]
    assert [one["total"] for one in said] == [6] * 4
    assert [one["NODE_RANK"] for one in said] == ["0", "0", "1", "1"]
    assert {one["MASTER_ADDR"] for one in said} == {"node-0"}
    assert left(client, run) == []


def test_tensorflow_tasks_have_a_place_each(boxed: Folder, given: dict[str, Any]) -> None:
    text = "import os\nprint(os.environ['TF_CONFIG'])\n"
    run = boxed.submit(text, distributed_job_config=TensorflowConfiguration(2, 1), **given)
    assert run.wait_for_completion()["status"] == "Completed"
    clusters = [json.loads(said)["cluster"] for said in logs(run).values()]
    assert clusters == [{"worker": ["node-0:2222", "node-1:2223"], "ps": ["node-0:2224"]}] * 3


def test_a_rank_that_fails_ends_the_other_node(boxed: Folder, given: dict[str, Any], client: Any) -> None:
    text = "import os, time\nprint('on', flush=True)\nwhile not os.path.exists('outputs/go'):\n    time.sleep(0.01)\n"
    text += "if os.environ['RANK'] == '1':\n    raise ValueError('bad')\ntime.sleep(300)\n"
    run = boxed.submit(text, distributed_job_config=pytorch(nodes=2), **given)
    until(lambda: len(logs(run)) == 2 and all(logs(run).values()))
    (run.paths.outputs / "go").touch()
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "Rank 1 on node 1: ValueError: bad (train.py:6)"
    assert left(client, run) == []


def test_a_container_that_is_killed(boxed: Folder, given: dict[str, Any], client: Any) -> None:
    text = "import time\nprint('on', flush=True)\ntime.sleep(300)\n"
    run = boxed.submit(text, distributed_job_config=pytorch(nodes=2), **given)
    until(lambda: len(logs(run)) == 2 and all(logs(run).values()))
    client.containers.get(f"aml-{run.id}-1").kill()
    run.wait_for_completion(raise_on_error=False)
    assert reason(run).startswith("The launcher of node 1 was killed")
    assert left(client, run) == []


def test_cancel_by_another_runner(
    boxed: Folder, given: dict[str, Any], client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "import time\nprint('on', flush=True)\ntime.sleep(300)\n"
    run = boxed.submit(text, distributed_job_config=pytorch(nodes=2), **given)
    until(lambda: len(logs(run)) == 2 and all(logs(run).values()))
    make_old(monkeypatch)
    os.kill(pid_of_runner(run), signal.SIGKILL)
    until(lambda: not is_locked(run.paths.runner_lock))
    run.cancel()
    run.wait_for_completion(raise_on_error=False)
    assert run.get_status() == "Canceled"
    assert left(client, run) == []


def test_a_network_of_ones_own_is_not_for_several_containers(boxed: Folder, given: dict[str, Any]) -> None:
    docker = DockerConfiguration(use_docker=True, arguments=["--network=host"])
    with pytest.raises(UserErrorException, match="leave --network out"):
        boxed.submit("1\n", distributed_job_config=pytorch(nodes=2), docker_runtime_config=docker, **given)
    assert not list(boxed.experiment.get_runs())


def test_an_image_without_mpirun(boxed: Folder, given: dict[str, Any]) -> None:
    run = boxed.submit("1\n", distributed_job_config=MpiConfiguration(1, 2), **given)
    run.wait_for_completion(raise_on_error=False)
    assert "no program 'mpirun'" in reason(run)
    assert "Open MPI has to be in the run's environment" in reason(run)
