"""Containers on the machines of a real Ray cluster: what starts their ranks, and an image that cannot be had there."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker
import pytest
from parts import base_image, engine, own_engine
from parts.gangs import AGAIN, ALLREDUCE, ELASTIC, TRAINING, logs, pytorch
from parts.submitting import Folder, reason, until

from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.ray_compute import RayCompute
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission.distributed import MpiConfiguration, TorchrunConfiguration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parts.ray_cluster import RayNodes
    from parts.registry import Registry

    from jupyter_ext.core.submission.runconfig_parts import DockerConfiguration

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]
LARGE = 2
"""How many CPUs a node has that others are too small for."""


@pytest.fixture
def on_ray(boxed: Folder, nodes: RayNodes) -> ComputeTarget:
    """The cluster, as a target."""
    nodes.mend()
    return ComputeTarget.attach(boxed.experiment.workspace, "ray", RayCompute.attach_configuration(nodes.address))


@pytest.fixture
def elsewhere(nodes: RayNodes, part: Callable[..., Any]) -> Iterator[None]:
    """A large node, whose engine reaches no registry."""
    with tempfile.TemporaryDirectory(prefix="aml-engine-", ignore_cleanup_errors=True) as root:
        making = own_engine.started(Path(root))
        with nodes.joined("elsewhere", LARGE, DOCKER_HOST=part(making.__enter__).address):
            yield
        making.__exit__(None, None, None)


def test_ranks_find_one_another(boxed: Folder, on_ray: ComputeTarget) -> None:
    environment = Environment.from_docker_image("boxed", base_image.NAME)
    run = boxed.submit(ALLREDUCE, compute_target=on_ray, environment=environment, distributed_job_config=pytorch(4, 2))
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Completed", reason(run)
    said = [json.loads(text) for text in logs(run).values()]
    assert [one["total"] for one in said] == [6] * 4
    assert [one["NODE_RANK"] for one in said] == ["0", "0", "1", "1"]


def test_mpirun(boxed: Folder, on_ray: ComputeTarget, mpi_image: str) -> None:
    text = "from mpi4py import MPI\nworld = MPI.COMM_WORLD\nprint(world.allreduce(world.rank), 'of', world.size)\n"
    environment = Environment.from_docker_image("mpi", mpi_image)
    run = boxed.submit(
        text, compute_target=on_ray, environment=environment, distributed_job_config=MpiConfiguration(2, 2)
    )
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Completed", reason(run)
    assert [text for name, text in logs(run).items() if "process" in name] == ["6 of 4\n"] * 4


@pytest.mark.torch
def test_torchrun(boxed: Folder, on_ray: ComputeTarget, torch_docker: DockerConfiguration) -> None:
    """Its nodes find one another by the names that they call themselves, as gloo asks for."""
    run = boxed.submit(
        ELASTIC.replace("while not go.item():", "for _ in range(3):"),
        compute_target=on_ray,
        environment=Environment.from_docker_image("boxed", base_image.NAME),
        distributed_job_config=TorchrunConfiguration(node_count=2),
        docker_runtime_config=torch_docker,
    )
    until(lambda: run.get_status() in ("Completed", "Failed"), 300)
    assert run.get_status() == "Completed", reason(run)
    said = [text for name, text in logs(run).items() if "process" in name]
    assert said == [f"start {rank} 2 0 {rank} {rank} node-0\nsum 0.0\n" for rank in (0, 1)]


@pytest.fixture
def off(boxed: Folder, nodes: RayNodes) -> Iterator[tuple[ComputeTarget, Path]]:
    """A large node whose engine is down, as a target, and the socket at which it is up once that is there."""
    with tempfile.TemporaryDirectory(prefix="aml-engine-") as folder:
        socket = Path(folder, "d.sock")
        with nodes.joined("off", LARGE, DOCKER_HOST=f"unix://{socket}"):
            large = RayCompute.attach_configuration(nodes.address, max_nodes=1, cpus_per_node=LARGE)
            yield ComputeTarget.attach(boxed.experiment.workspace, "large", large), socket


def test_a_node_whose_engine_is_down(boxed: Folder, off: tuple[ComputeTarget, Path]) -> None:
    run = boxed.submit(
        "1\n", compute_target=off[0], environment=Environment.from_docker_image("boxed", base_image.NAME)
    )
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Failed"
    assert reason(run).startswith("Node 0, ")
    assert f"No container engine answers at unix://{off[1]}" in reason(run)


@pytest.mark.parametrize("how", ["elsewhere", "back"])
def test_a_node_whose_engine_is_down_is_left(
    boxed: Folder, nodes: RayNodes, off: tuple[ComputeTarget, Path], how: str
) -> None:
    """For another that comes, or until its engine is back, where the run has retries."""
    environment = Environment.from_docker_image("boxed", base_image.NAME)
    run = boxed.submit("print(1)\n", compute_target=off[0], environment=environment, max_retries=1)
    until(lambda: "waiting up to 60 s" in run.paths.events.read_text() or run.get_status() == "Failed", 120)
    assert run.get_status() == "Queued"
    with ExitStack() as after:
        if how == "elsewhere":
            after.enter_context(nodes.joined("on", LARGE))
        else:
            off[1].symlink_to(engine.address().removeprefix("unix://"))
        assert run.wait_for_completion(raise_on_error=False)["status"] == "Completed", reason(run)
    assert logs(run) == {"std_log.txt": "1\n"}
    assert run.paths.restarts == 0


def test_an_engine_is_killed_and_comes_back(
    boxed: Folder, nodes: RayNodes, client: Any, part: Callable[..., Any]
) -> None:
    """Its containers with it: the run is placed again once the engine is there, and goes on."""
    environment = Environment.from_docker_image("boxed", base_image.NAME)
    with ExitStack() as after:
        root = after.enter_context(tempfile.TemporaryDirectory(prefix="aml-engine-", ignore_cleanup_errors=True))
        own = part(lambda: after.enter_context(own_engine.started(Path(root))))
        there = after.enter_context(closing(docker.DockerClient(own.address)))
        there.images.load(b"".join(client.images.get(base_image.NAME).save()))  # the same, which no registry has
        after.enter_context(nodes.joined("killed", LARGE, DOCKER_HOST=own.address))
        large = RayCompute.attach_configuration(nodes.address, max_nodes=1, cpus_per_node=LARGE)
        target = ComputeTarget.attach(boxed.experiment.workspace, "large", large)
        run = boxed.submit(TRAINING, compute_target=target, environment=environment, max_retries=1)
        until(lambda: [*run.paths.outputs.glob("checkpoints/*")] or run.get_status() == "Failed", 120)
        own.kill()
        until(lambda: "waiting up to 60 s" in run.paths.events.read_text() or run.get_status() == "Failed", 120)
        assert run.get_status() == "Queued", reason(run)
        own.again()
        assert run.wait_for_completion(raise_on_error=False)["status"] == "Completed", reason(run)
    assert logs(run) == {"std_log.txt": AGAIN}


@pytest.mark.usefixtures("elsewhere")
def test_an_image_that_a_node_cannot_pull(
    boxed: Folder, nodes: RayNodes, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = boxed.experiment.workspace
    large = RayCompute.attach_configuration(nodes.address, max_nodes=1, cpus_per_node=LARGE)
    target = ComputeTarget.attach(workspace, "large", large)
    environment = Environment.from_dockerfile("mine", f"FROM {base_image.NAME}\nRUN echo {nodes.address} > /mine\n")
    environment.python.user_managed_dependencies = True
    run = boxed.submit("1\n", compute_target=target, environment=environment)
    run.wait_for_completion(raise_on_error=False)
    assert "image is on the machine alone that it was built on: name a registry" in reason(run)
    monkeypatch.setenv("REGISTRY_PASSWORD", registry.password)
    workspace.set_image_registry(f"{registry.address}/nodes", registry.username, "REGISTRY_PASSWORD")
    run = boxed.submit("1\n", compute_target=target, environment=environment)
    run.wait_for_completion(raise_on_error=False)
    assert f"The image {registry.address}/nodes" in reason(run)
    assert "cannot be pulled there" in reason(run)
    assert "Check that the node reaches its registry" in reason(run)
    assert reason(run).startswith("Node 0, ")
