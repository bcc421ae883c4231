"""PyTorch's elastic launch: one node of two is killed, and the other goes on."""

from __future__ import annotations

import json
import os
import re
import signal
from typing import Any

import pytest
from parts.gangs import ELASTIC, left, logs, lose_a_node
from parts.submitting import Folder, reason, until

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.submission.distributed import TorchrunConfiguration
from jupyter_ext.core.submission.launch import launch_of
from jupyter_ext.core.submission.runconfig import RunConfiguration
from jupyter_ext.runner import elastic
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.live.feed import RunFeed
from jupyter_ext.store.records import RunSpec

SPEC = RunSpec(
    run_id="a",
    experiment="e",
    workspace="w",
    type=None,
    created=0.0,
    distribution="torchrun",
    node_count=2,
    min_node_count=1,
)
ALONE = """
import os, time
print("start", flush=True)
while not os.path.exists("outputs/go"):
    time.sleep(0.05)
"""
ENDED = [{"t": 1.0, "event": "exit", "rank": 0, "code": 0}, {"t": 1.0, "event": "end", "code": 0, "reason": None}]


@pytest.fixture
def pair(folder: Folder) -> ComputeTarget:
    """Two nodes of this machine."""
    return ComputeTarget.create(folder.experiment.workspace, "pair", AmlCompute.provisioning_configuration(max_nodes=2))


@pytest.mark.torch
@pytest.mark.timeout(600)
def test_a_launcher_is_killed(folder: Folder, pair: ComputeTarget, with_torch: Any) -> None:
    run = folder.submit(
        ELASTIC,
        compute_target=pair,
        environment=with_torch,
        distributed_job_config=TorchrunConfiguration(node_count=2, min_node_count=1),
    )
    pid = json.loads(
        until(lambda: run.paths.launch_events(1).exists() and run.paths.launch_events(1).read_text()).splitlines()[0]
    )["pid"]
    lose_a_node(run, "127.0.0.1", lambda: os.kill(pid, signal.SIGKILL), run.paths.outputs / "go")


@pytest.mark.torch
@pytest.mark.timeout(600)
def test_a_node_is_lost_that_the_others_do_not_need(folder: Folder, pair: ComputeTarget, with_torch: Any) -> None:
    run = folder.submit(
        ALONE,
        compute_target=pair,
        environment=with_torch,
        distributed_job_config=TorchrunConfiguration(node_count=2, min_node_count=1),
    )
    until(lambda: sum("start" in text for text in logs(run).values()) == 2 or run.get_status() == "Failed", 240)
    os.kill(json.loads(run.paths.launch_events(1).read_text().splitlines()[0])["pid"], signal.SIGKILL)
    until(lambda: "node 1 was lost: the run goes on without it" in run.paths.events.read_text(), 10)
    (run.paths.outputs / "go").touch()
    until(lambda: run.get_status() in ("Completed", "Failed"), 60)  # torchrun itself waits for 300 s
    assert run.get_status() == "Completed", reason(run)


@pytest.mark.torch
@pytest.mark.docker
@pytest.mark.timeout(600)
def test_a_container_is_killed(boxed: Folder, given: dict[str, Any], torch_docker: Any, client: Any) -> None:
    run = boxed.submit(
        ELASTIC,
        distributed_job_config=TorchrunConfiguration(node_count=2, min_node_count=1),
        docker_runtime_config=torch_docker,
        **given,
    )
    lose_a_node(run, "node-0", lambda: client.containers.get(f"aml-{run.id}-1").kill(), run.paths.outputs / "go")
    assert left(client, run) == []


@pytest.mark.docker
def test_an_image_without_pytorch(boxed: Folder, given: dict[str, Any], client: Any) -> None:
    run = boxed.submit("1\n", distributed_job_config=TorchrunConfiguration(node_count=2), **given)
    run.wait_for_completion(raise_on_error=False)
    assert "No module named 'torch'" in reason(run)
    assert left(client, run) == []


@pytest.mark.torch
@pytest.mark.timeout(600)
def test_a_script_that_fails(folder: Folder, pair: ComputeTarget, with_torch: Any) -> None:
    for least, times in ((None, 1), (1, 2)):
        run = folder.submit(
            "import os\nprint('start', flush=True)\nif os.environ['RANK'] == '0':\n    raise ValueError('bad')\n",
            compute_target=pair,
            environment=with_torch,
            distributed_job_config=TorchrunConfiguration(2, 2, least, max_restarts=least),
        )
        run.wait_for_completion(raise_on_error=False)
        assert re.fullmatch(
            r"Rank 0 on node [01]: ValueError: bad \(train\.py:4\)", reason(run)
        )  # of torchrun's choice
        assert logs(run)["std_log_process_0.txt"].count("start") == times
        feed = RunFeed(run.paths)
        feed.read_all()
        assert {tuple(node["ranks"]) for node in feed.nodes()} == {()}  # no guess at that choice


@pytest.mark.torch
@pytest.mark.timeout(600)
def test_a_run_that_needs_all_its_nodes_is_placed_again(folder: Folder, pair: ComputeTarget, with_torch: Any) -> None:
    run = folder.submit(
        ELASTIC,
        compute_target=pair,
        environment=with_torch,
        distributed_job_config=TorchrunConfiguration(node_count=2),
        max_retries=1,
    )
    until(lambda: [text for name, text in logs(run).items() if "process_1" in name and "start 1 2" in text], 240)
    pid = json.loads(run.paths.launch_events(1).read_text().splitlines()[0])["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: "start 1 2" in logs(run)["std_log_process_1.txt"].partition("started again (1)")[2], 240)
    (run.paths.outputs / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed"


def test_how_often_ranks_are_started_again() -> None:
    configuration = RunConfiguration(communicator="Torchrun")
    configuration.node_count = 2
    assert launch_of(configuration).max_restarts == 0
    configuration.torchrun.min_node_count = 1
    assert launch_of(configuration).max_restarts == 3
    configuration.torchrun.max_restarts = 0
    assert launch_of(configuration).max_restarts == 0


def test_what_is_refused(folder: Folder) -> None:
    with pytest.raises(UserErrorException, match="min_node_count is 2 and node_count 1"):
        folder.submit("1\n", distributed_job_config=TorchrunConfiguration(node_count=1, min_node_count=2))
    with pytest.raises(UserErrorException, match="3 nodes are asked for and 'local' has 1"):
        folder.submit("1\n", distributed_job_config=TorchrunConfiguration(node_count=3))
    with pytest.raises(UserErrorException, match="torchrun comes with PyTorch, which this Python has not"):
        folder.submit("1\n", distributed_job_config=TorchrunConfiguration(node_count=3, min_node_count=1))
    assert not list(folder.experiment.get_runs())


def test_who_may_be_missing() -> None:
    at_work: list[dict[str, Any]] = [{"t": 0.0, "event": "rank", "rank": 0}]
    nodes = [at_work, at_work, at_work]
    assert not elastic.has_failed(SPEC, [0, 1, 2], nodes)
    assert not elastic.has_failed(SPEC, [0, 2], nodes)
    assert elastic.lost(SPEC, [0, 2], nodes) == [1]
    assert elastic.has_failed(SPEC, [2], nodes)
    assert elastic.has_failed(SPEC, [0, 1], nodes)
    gave_up = [*at_work, {"t": 1.0, "event": "exit", "rank": 0, "code": 1}]
    assert elastic.has_failed(SPEC, [0, 1, 2], [gave_up, at_work, at_work])


def test_when_it_is_done() -> None:
    at_work: list[dict[str, Any]] = []
    assert not elastic.ended_well(SPEC, [1, 2], [ENDED, at_work, at_work])
    assert elastic.ended_well(SPEC, [2], [ENDED, ENDED, at_work])
    assert elastic.ended_well(SPEC, [2], [ENDED, at_work, at_work])
    assert not elastic.ended_well(SPEC, [2], [at_work, at_work, at_work])
    ranks = [{"t": t, "event": "worker", "rank": 0, "code": code, "restart": 0} for t, code in ((1.0, -15), (2.0, 0))]
    assert elastic.ended_well(SPEC, [0, 2], [ranks, at_work, at_work])
    assert not elastic.ended_well(SPEC, [0, 2], [ranks[:1], at_work, at_work])
    assert not elastic.ended_well(SPEC, [0, 1, 2], [ranks, ranks, at_work])


def test_who_is_to_blame() -> None:
    told: list[dict[str, Any]] = [{"t": 9.0, "event": "end", "code": 143, "reason": "ended with the other nodes"}]

    def worker(rank: int, code: int, t: float, restart: int) -> dict[str, Any]:
        return {"t": t, "event": "worker", "rank": rank, "code": code, "restart": restart}

    raised = [worker(0, -15, 3.0, 1), *told]
    first = [worker(1, 1, 1.0, 0), worker(1, 1, 4.0, 1), {"t": 4.1, "event": "end", "code": 1, "reason": "rank 1 ..."}]
    assert elastic.blamed(SPEC, [raised, first, told]) == 1
    assert elastic.failed_rank(first) == worker(1, 1, 4.0, 1)
    assert elastic.blamed(SPEC, [told, told, []]) == 2
    assert elastic.blamed(SPEC, [[], [], told]) == 1
