"""A run on machines where ``ray up`` has started Ray, each of them with a network of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parts import ray_up
from parts.gangs import ALLREDUCE, pytorch
from parts.submitting import Folder, reason, until

from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.ray_compute import RayCompute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 180.0


@pytest.fixture
def address(tmp_path: Path, part: Callable[..., str]) -> Iterator[str]:
    """The address of such a cluster."""
    starting = ray_up.started(tmp_path)
    yield part(starting.__enter__)
    starting.__exit__(None, None, None)


@pytest.mark.timeout(600)
def test_a_run_on_two_machines(folder: Folder, address: str) -> None:
    configuration = RayCompute.attach_configuration(address, max_nodes=2)
    target = ComputeTarget.attach(folder.experiment.workspace, "machines", configuration)
    run = folder.submit(ALLREDUCE, compute_target=target, distributed_job_config=pytorch(nodes=2))
    until(lambda: run.get_status() in ("Completed", "Failed"), PATIENCE)
    assert run.get_status() == "Completed", reason(run)
    assert "Scaling: waiting until machines has 2 nodes free" in run.paths.events.read_text()
    assert len({one["privateIpAddress"] for one in target.list_nodes()}) == 2
