"""What a run has of a real Ray cluster: actors that stay for the next run, and what is said where one cannot do it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from parts.submitting import until

from jupyter_ext.engines.ray import host
from jupyter_ext.engines.ray.cluster import Cluster, asked
from jupyter_ext.engines.ray.connection import NAMESPACE, connect
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException, UserErrorException
from jupyter_ext.store.records import RayCluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parts.ray_cluster import RayNodes


@pytest.fixture
def ray(nodes: RayNodes) -> Iterator[Any]:
    """Ray's module, connected."""
    nodes.mend()
    module = connect(nodes.address)
    yield module
    module.shutdown()


def opened(nodes: RayNodes, run: str) -> Cluster:
    """Return all nodes of the cluster, as a run has them."""
    cluster = Cluster(RayCluster(address=nodes.address, cpus=1), run, 3)
    cluster.ask()
    assert cluster.is_there(60)
    cluster.open()
    return cluster


@pytest.mark.usefixtures("ray")
def test_an_actor_stays_for_the_next_run(nodes: RayNodes) -> None:
    found = []
    for run in ("one", "two"):
        cluster = opened(nodes, run)
        assert [asked(agent, "about")["started"] for agent in cluster.agents] == [False, False, False]
        found.append({machine.actor for machine in cluster.machines})
        cluster.remove()
        with pytest.raises(UserErrorException, match="has ended"):
            asked(cluster.agents[0], "about")
    assert found[0] == found[1]
    assert len(found[0]) == 3


def test_an_actor_leaves_when_no_run_comes(ray: Any) -> None:
    ray.cloudpickle.register_pickle_by_value(host)
    actor = ray.remote(host.Host).options(name="idle", namespace=NAMESPACE, lifetime="detached", num_cpus=0).remote(1.0)
    assert ray.get(actor.has_kit.remote("none")) is False

    def is_gone() -> bool:
        try:
            ray.get_actor("idle", namespace=NAMESPACE)
        except ValueError:
            return True
        return False

    until(is_gone, 30)


def test_what_can_be_loaded_ahead_of_a_run_is(nodes: RayNodes) -> None:
    """All with which Ray sends values, but what it needs for tables alone."""
    text = "import sys\nfrom jupyter_ext.engines.ray.cluster import get_ready\nget_ready(sys.argv[1])\n"
    text += "print([name in sys.modules for name in ('pydantic', 'pyarrow')])\n"
    said = subprocess.run([sys.executable, "-c", text, nodes.address], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "[True, False]"
    assert importlib.util.find_spec("pyarrow")


@pytest.mark.usefixtures("ray")
def test_what_goes_wrong_in_an_agent_is_told_and_no_lost_node(nodes: RayNodes) -> None:
    cluster = opened(nodes, "wrong")
    try:
        with pytest.raises(
            ComputeTargetException, match=r"A node of the cluster cannot do it: TypeError: .*'data'"
        ) as told:
            asked(cluster.agents[0], "put", "name", 0)
        assert "gone" not in told.value.message
    finally:
        cluster.remove()
