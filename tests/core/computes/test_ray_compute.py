"""Ray clusters as compute targets: what is refused when one is attached, and what is written down."""

from __future__ import annotations

import platform
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from parts import other_ray
from parts.submitting import Folder

from jupyter_ext.azureml.core.compute import ComputeTarget, RayCompute
from jupyter_ext.commands.answer import as_text
from jupyter_ext.commands.computes import compute
from jupyter_ext.commands.parser import aml_parser
from jupyter_ext.core.computes.compute import file_of
from jupyter_ext.core.computes.managing import list_computes, with_machines
from jupyter_ext.core.computes.ray_compute import _record
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.engines.ray.local_cluster import end_cluster, start_cluster
from jupyter_ext.engines.ray.looking import nodes_of
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException, UserErrorException
from jupyter_ext.store.records import RAY_IDLE_SECONDS, RayCluster, encode, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parts.ray_cluster import RayNodes


def attached(workspace: Workspace, address: str = "127.0.0.5:6379", least: int = 0) -> ComputeTarget:
    """Return a target as attaching a cluster of two nodes leaves it; nothing here needs the cluster itself."""
    place = RayCluster(address=address, cpus=4)
    replace(file_of(workspace, "ray"), encode(_record("ray", least, 2, place)))
    return ComputeTarget(workspace, "ray")


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("127.0.0.5", "no address"),
        ("head:", "no address"),
        (":6379", "no address"),
        ("head:port", "no address"),
        ("", "no address"),
        ("auto", "does not say which cluster"),
        ("ray://127.0.0.1:10001", "is for Ray's client"),
        ("http://127.0.0.1:8265", "dashboard"),
        ("https://ray.example.com", "dashboard"),
        ("redis://127.0.0.1:6379", "no address"),
    ],
)
def test_what_is_no_address(workspace: Workspace, address: str, what: str) -> None:
    with pytest.raises(ComputeTargetException, match=f"'{address}' .*{what}.*: write HOST:PORT"):
        ComputeTarget.attach(workspace, "ray", RayCompute.attach_configuration(address))
    assert not file_of(workspace, "ray").exists()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def test_a_list_shows_what_does_not_answer(workspace: Workspace) -> None:
    attached(workspace, f"127.0.0.1:{free_port()}")
    machine, cluster = with_machines(workspace, list_computes(workspace))
    assert (machine["name"], machine["machines"], machine["problem"]) == ("local", None, None)
    assert (cluster["name"], cluster["nodes"], cluster["machines"]) == ("ray", 2, None)
    assert "Nothing answers" in cluster["problem"]
    answer = compute(workspace, aml_parser("aml").parse_args(["compute"]))
    assert cluster["problem"] in as_text(answer)


def test_nobody_answers(workspace: Workspace) -> None:
    port = free_port()
    attached(workspace, f"127.0.0.1:{port}", least=1).detach()
    with pytest.raises(ComputeTargetException, match=f"Nothing answers at 127.0.0.1:{port}"):
        ComputeTarget.attach(workspace, "ray", RayCompute.attach_configuration(f"127.0.0.1:{port}"))
    assert not file_of(workspace, "ray").exists()


def served() -> Iterator[str]:
    """Give addresses at which something else than a cluster's head listens: nobody says a word, HTTP is spoken."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"127.0.0.1:{silent.getsockname()[1]}"
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_something_else_listens(workspace: Workspace, nodes: RayNodes) -> None:
    """Ray itself would wait for a minute and more; a node's own port is one of Ray's, but not that of the head."""
    (node, *_) = [one for one in nodes_of(nodes.address) if "node:__internal_head__" not in one["Resources"]]
    of_node = f"{node['NodeManagerAddress']}:{node['NodeManagerPort']}"
    for address in chain(served(), [of_node]):
        began = time.monotonic()
        with pytest.raises(ComputeTargetException) as told:
            ComputeTarget.attach(workspace, "ray", RayCompute.attach_configuration(address))
        assert time.monotonic() - began < 10  # 2 s, and those of a busy machine
        assert f"What listens at {address} is not the head of a Ray cluster" in told.value.message
        assert "6379" in told.value.message
        assert not file_of(workspace, "ray").exists()


@pytest.mark.timeout(600)
def test_another_version_of_ray(
    workspace: Workspace, tmp_path: Path, part: Callable[[Callable[[], Path]], Path]
) -> None:
    address, processes = start_cluster(tmp_path, 0, 1, python=str(part(other_ray.make)))
    try:
        began = time.monotonic()
        with pytest.raises(ComputeTargetException) as told:
            ComputeTarget.attach(workspace, "ray", RayCompute.attach_configuration(address))
        assert time.monotonic() - began < 10
    finally:
        end_cluster(processes)
    python = platform.python_version()
    assert told.value.message == (
        f"The Ray cluster at {address} has Ray {other_ray.VERSION} on Python {python}, and here is Ray "
        f"{version('ray')} on Python {python}: both have to be the same. Install Ray's version of the cluster here "
        f"(pip install 'ray=={other_ray.VERSION}'), and restart the kernel."
    )
    assert not file_of(workspace, "ray").exists()


@pytest.mark.parametrize(("least", "most"), [(3, 2), (0, 0), (-1, 2), ("many", 2)])
def test_numbers_that_do_not_go_together(least: object, most: object) -> None:
    with pytest.raises(ComputeTargetException, match="nodes is"):
        RayCompute.attach_configuration("127.0.0.5:6379", least, most)


def test_a_line_says_all_that_python_can(workspace: Workspace, nodes: RayNodes) -> None:
    each = "--cpus-per-node 0.5 --gpus-per-node 0 --idle-seconds 9"
    line = f"compute attach ray --ray {nodes.address} --max-nodes 2 {each}"
    said = as_text(compute(workspace, aml_parser("aml").parse_args(line.split())))
    assert said == f"ray is the Ray cluster at {nodes.address}: runs have up to 2 of its nodes, 0.5 CPU of each."
    target = RayCompute(workspace, "ray")
    assert target._place == RayCluster(address=nodes.address, cpus=0.5, gpus=0.0, idle_seconds=9)
    assert (target._record.max_nodes, target._record.idle_seconds) == (2, 9)
    compute(workspace, aml_parser("aml").parse_args(f"compute attach all --ray {nodes.address}".split()))
    everything = RayCompute(workspace, "all")
    assert everything._place == RayCluster(address=nodes.address, cpus=1.0, gpus=0.0, idle_seconds=RAY_IDLE_SECONDS)
    for wrong in ("--idle-seconds -1", "--cpus-per-node 0", "--gpus-per-node -1"):
        refused = f"compute attach no --ray {nodes.address} {wrong}"
        with pytest.raises(ComputeTargetException, match=wrong.split()[0].strip("-").replace("-", "_")):
            compute(workspace, aml_parser("aml").parse_args(refused.split()))


def test_a_name_that_is_taken(workspace: Workspace) -> None:
    attached(workspace)
    with pytest.raises(UserErrorException, match="There is a compute target 'ray' already"):
        ComputeTarget.attach(workspace, "ray", RayCompute.attach_configuration("127.0.0.5:6379"))


def test_it_is_a_target_as_others_are(workspace: Workspace) -> None:
    target = attached(workspace)
    assert isinstance(target, RayCompute)
    assert (target.type, target.address) == ("Ray", "127.0.0.5:6379")
    assert list(workspace.compute_targets) == ["ray"]
    target.update(max_nodes=5)
    assert target._record.max_nodes == 5
    assert target._place.idle_seconds == target._record.idle_seconds == RAY_IDLE_SECONDS
    ComputeTarget(workspace, "ray").update(max_nodes=7)
    target.update(idle_seconds_before_scaledown=0)
    assert (target._place.idle_seconds, target._record.idle_seconds, target._record.max_nodes) == (0, 0, 7)
    target.detach()
    assert not workspace.compute_targets


def test_data_that_a_cluster_cannot_have_is_refused(folder: Folder) -> None:
    from jupyter_ext.core.data.dataset import Dataset

    workspace = folder.experiment.workspace
    store = workspace.get_default_datastore()
    (folder.path / "data").mkdir()
    (folder.path / "data" / "a.csv").write_text("1\n")
    store.upload(str(folder.path / "data"), "birds", show_progress=False)
    mount = store.path("birds").as_mount()
    named = Dataset.File.from_files((store, "birds")).as_named_input("birds")
    target = attached(workspace)
    for given, why in (
        (mount, "cannot be mounted on a Ray cluster.*give it a dataset"),
        (named.as_mount("/data/birds"), "Data cannot be put at /data/birds on a Ray cluster.*relative path"),
    ):
        config = folder.config("1\n", compute_target=target, arguments=[given])
        if given is mount:
            config.run_config.data_references = {mount.data_reference_name: mount.to_config()}
        with pytest.raises(UserErrorException, match=why):
            folder.experiment.submit(config)
    assert not list(workspace._paths.runs.glob("*"))


def test_more_nodes_than_there_are(folder: Folder) -> None:
    config = folder.config("1\n", compute_target=attached(folder.experiment.workspace))
    config.run_config.node_count = 3
    with pytest.raises(UserErrorException, match="3 nodes are asked for and 'ray' has 2"):
        folder.experiment.submit(config)
