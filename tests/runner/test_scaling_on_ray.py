"""What a target asks of a real autoscaler of Ray's, and what a run says while it works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parts import autoscaled
from parts.gangs import ALLREDUCE, pytorch
from parts.submitting import Folder, reason, until

from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.ray_compute import RayCompute
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException
from jupyter_ext.store.records import RAY_IDLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 120.0


@pytest.fixture
def address(tmp_path: Path, part: Callable[..., str]) -> Iterator[str]:
    """Where a cluster is that has no node yet, and three at most."""
    starting = autoscaled.started(tmp_path, 3)
    yield part(starting.__enter__)
    starting.__exit__(None, None, None)


@pytest.mark.timeout(600)
def test_nodes_come_when_they_are_needed(folder: Folder, address: str) -> None:
    workspace = folder.experiment.workspace
    with pytest.raises(ComputeTargetException, match=r"has no node with a CPU to give.*or name max_nodes"):
        ComputeTarget.attach(workspace, "scaled", RayCompute.attach_configuration(address))
    target = ComputeTarget.attach(workspace, "scaled", RayCompute.attach_configuration(address, max_nodes=2))
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


@pytest.mark.timeout(600)
def test_nodes_come_while_others_are_busy_and_go(folder: Folder, address: str) -> None:
    configuration = RayCompute.attach_configuration(address, max_nodes=2, idle_seconds_before_scaledown=0)
    target = ComputeTarget.attach(folder.experiment.workspace, "scaled", configuration)
    text = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]):\n    time.sleep(0.05)\n"
    go = folder.path.parent / "go"
    given = {"compute_target": target, "arguments": [str(go)]}
    first = folder.submit(text, **given)
    until(lambda: first.get_status() == "Running", PATIENCE)
    second = folder.submit(text, **given)
    until(lambda: second.get_status() == "Running", PATIENCE)
    assert "Scaling: waiting until scaled has 1 node free" in second.paths.events.read_text()
    go.touch()
    until(lambda: [run.get_status() for run in (first, second)] == ["Completed"] * 2, PATIENCE)
    until(lambda: target.list_nodes() == [], RAY_IDLE_SECONDS - 10)  # nothing of ours stays there so long
