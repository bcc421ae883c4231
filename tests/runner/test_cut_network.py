"""A machine of a Ray cluster whose network is cut in the middle of a run, for a moment and for good."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from parts import cut_network
from parts.gangs import logs
from parts.submitting import Folder, is_process, reason, until

from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.ray_compute import RayCompute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parts.ray_cluster import RayNodes

    from jupyter_ext.core.runs.run import Run

CPUS = 2
PATIENCE = 120.0
TEXT = """
import os, time
from azureml.core import Run
run, number = Run.get_context(), 0
while not os.path.exists(os.environ["GO"]):
    print("line", number, flush=True)
    run.log("number", number)
    number += 1
    time.sleep(0.05)
open("outputs/last", "w").write(str(number))
"""


@pytest.fixture
def link(nodes: RayNodes, part: Callable[..., object]) -> Iterator[cut_network.Link]:
    """The link to a node that runs of two CPUs are placed on."""
    nodes.mend()
    joining = cut_network.joined(nodes, CPUS)
    yield part(joining.__enter__)  # type: ignore[misc]
    joining.__exit__(None, None, None)


@pytest.fixture
def counting(folder: Folder, nodes: RayNodes, link: cut_network.Link, tmp_path: Path) -> Run:
    """A run on that node, which counts until the file ``go`` is there."""
    attached = RayCompute.attach_configuration(nodes.address, max_nodes=1, cpus_per_node=CPUS)
    target = ComputeTarget.attach(folder.experiment.workspace, "apart", attached)
    # the cluster may not have missed yet the node that an earlier test has ended
    until(lambda: [node["privateIpAddress"] for node in target.list_nodes()] == [link.node], PATIENCE)
    config = folder.config(TEXT, compute_target=target)
    config.run_config.environment_variables = {"GO": str(tmp_path / "go")}
    run = folder.experiment.submit(config)
    until(lambda: "line 3\n" in "".join(logs(run).values()) or run.get_status() == "Failed", PATIENCE)
    assert run.get_status() == "Running", reason(run)
    return run


def test_a_cut_of_some_seconds(counting: Run, link: cut_network.Link, tmp_path: Path) -> None:
    """The run goes on meanwhile, and everything comes back, once."""
    link.cut()
    time.sleep(0.5)
    (known,) = logs(counting).values()
    time.sleep(4)
    assert list(logs(counting).values()) == [known]  # it is cut
    link.mend()
    until(lambda: list(logs(counting).values()) != [known], PATIENCE)
    (tmp_path / "go").touch()
    until(lambda: counting.get_status() in ("Completed", "Failed"), PATIENCE)
    assert counting.get_status() == "Completed", reason(counting)
    count = int((counting.paths.outputs / "last").read_text())
    (text,) = logs(counting).values()
    assert text.splitlines() == [f"line {number}" for number in range(count)]
    assert counting.get_metrics()["number"] == list(range(count))


def test_a_cut_for_good(counting: Run, link: cut_network.Link, tmp_path: Path) -> None:
    """The node counts as gone within ten seconds or so."""
    rank = json.loads(counting.paths.launch_events(0).read_text().splitlines()[1])["pid"]
    link.cut()
    until(lambda: counting.get_status() == "Failed", PATIENCE)
    assert link.node in reason(counting)
    assert "its machine does not answer any more" in reason(counting)
    (tmp_path / "go").touch()  # what goes on there ends by itself
    until(lambda: not is_process(rank), PATIENCE)
