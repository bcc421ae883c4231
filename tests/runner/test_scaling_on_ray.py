"""What a target asks of Ray's autoscalers, both of them, and what a run says while they work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from parts import kuberay
from parts.gangs import ALLREDUCE, pytorch
from parts.submitting import Folder, reason, until

from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.ray_compute import RayCompute
from jupyter_ext.engines.ray.looking import nodes_of
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 120.0
MOST = 2


@pytest.fixture(scope="module", params=[1, 2])
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, part: Callable[..., str]
) -> Iterator[str]:
    """The address of a cluster with one of the autoscalers."""
    starting = kuberay.started(tmp_path_factory.mktemp("scaled"), MOST, request.param)
    yield part(starting.__enter__)
    starting.__exit__(None, None, None)


@pytest.fixture
def address(cluster: str) -> str:
    """The address of that cluster, when it has no node but its head."""
    until(lambda: len(nodes_of(cluster)) == 1, PATIENCE)
    return cluster


@pytest.mark.timeout(600)
def test_nodes_come_when_they_are_needed(folder: Folder, address: str) -> None:
    workspace = folder.experiment.workspace
    with pytest.raises(ComputeTargetException, match=r"has no node with a CPU to give.*or name max_nodes"):
        ComputeTarget.attach(workspace, "scaled", RayCompute.attach_configuration(address))
    configuration = RayCompute.attach_configuration(address, max_nodes=2, idle_seconds_before_scaledown=0)
    target = ComputeTarget.attach(workspace, "scaled", configuration)
    assert target.list_nodes() == []
    target.update(min_nodes=1)
    until(lambda: len(target.list_nodes()) == 1, PATIENCE)

    alone = folder.submit("1\n", compute_target=target)
    until(lambda: alone.get_status() in ("Completed", "Failed"), PATIENCE)
    assert alone.get_status() == "Completed", reason(alone)
    assert "Scaling" not in alone.paths.events.read_text()

    gang = folder.submit(ALLREDUCE, compute_target=target, distributed_job_config=pytorch(nodes=2))
    until(lambda: gang.get_status() in ("Completed", "Failed"), PATIENCE)
    assert gang.get_status() == "Completed", reason(gang)
    assert "Scaling: waiting until scaled has 2 nodes free" in gang.paths.events.read_text()

    until(lambda: len(target.list_nodes()) == 1, PATIENCE)
    target.detach()
    until(lambda: len(nodes_of(address)) == 1, PATIENCE)


@pytest.mark.timeout(600)
def test_nodes_come_while_others_are_busy_and_go(folder: Folder, address: str) -> None:
    idle = 4 * kuberay.IDLE_SECONDS
    configuration = RayCompute.attach_configuration(address, max_nodes=2, idle_seconds_before_scaledown=idle)
    target = ComputeTarget.attach(folder.experiment.workspace, "scaled", configuration)
    text = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]):\n    time.sleep(0.05)\n"
    go = folder.path.parent / "go"
    given = {"compute_target": target, "arguments": [str(go)]}
    first = folder.submit(text, **given)
    until(lambda: first.get_status() == "Running", PATIENCE)
    assert "Scaling: waiting until scaled has 1 node free" in first.paths.events.read_text()
    second = folder.submit(text, **given)
    until(lambda: second.get_status() == "Running", PATIENCE)
    assert "Scaling: waiting until scaled has 1 node free" in second.paths.events.read_text()
    ended = time.monotonic()
    go.touch()
    until(lambda: [run.get_status() for run in (first, second)] == ["Completed"] * 2, PATIENCE)
    until(lambda: target.list_nodes() == [], PATIENCE)
    assert time.monotonic() - ended > idle


@pytest.mark.timeout(600)
def test_more_nodes_than_the_cluster_may_have(folder: Folder, address: str) -> None:
    configuration = RayCompute.attach_configuration(address, max_nodes=MOST + 1)
    target = ComputeTarget.attach(folder.experiment.workspace, "scaled", configuration)
    run = folder.submit(ALLREDUCE, compute_target=target, distributed_job_config=pytorch(nodes=MOST + 1))
    told = "waiting until scaled has 3 nodes free; 0 of its machines have 1 CPU, and none is on its way yet"
    until(lambda: told in run.paths.events.read_text(), PATIENCE)
    assert run.get_status() == "Queued"
    run.cancel()
    until(lambda: run.get_status() == "Canceled", PATIENCE)
