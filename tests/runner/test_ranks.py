"""How ranks find one another."""

from __future__ import annotations

import json
from pathlib import Path

from jupyter_ext.runner.ranks import ranks_by_node
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.records import RayCluster, RunSpec


def test_tasks_of_tensorflow_on_a_cluster_have_ports_that_are_free_on_their_machine() -> None:
    cluster = RayCluster(address="10.0.0.1:6379", hosts=["10.0.0.1", "10.0.0.2"], ports=[[11, 12, 13], [21, 22, 23]])
    spec = RunSpec(
        run_id="r",
        experiment="e",
        workspace="w",
        type=None,
        created=0.0,
        node_count=2,
        parameter_servers=3,
        distribution="tensorflow",
        ray=cluster,
    )
    nodes = ranks_by_node(spec, RunPaths(Path("/runs/r")))
    told = [json.loads(rank["env"]["TF_CONFIG"]) for node in nodes for rank in node]
    assert told[0]["cluster"] == {
        "worker": ["10.0.0.1:11", "10.0.0.2:21"],
        "ps": ["10.0.0.1:12", "10.0.0.2:22", "10.0.0.1:13"],
    }
    assert [one["task"] for one in told] == [
        {"type": "worker", "index": 0},
        {"type": "ps", "index": 0},
        {"type": "ps", "index": 2},
        {"type": "worker", "index": 1},
        {"type": "ps", "index": 1},
    ]
