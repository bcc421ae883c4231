"""Runs on a real Ray cluster of three nodes: what they bring back, and what happens when a part of it dies."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from parts import nvml, ray_cluster
from parts.gangs import AGAIN, ALLREDUCE, ELASTIC, TRAINING, logs, lose_a_node, make_old, pytorch
from parts.submitting import Folder, is_process, pid_of_runner, reason, until

from jupyter_ext.commands.answer import as_text
from jupyter_ext.commands.computes import compute
from jupyter_ext.commands.parser import aml_parser
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.managing import find_compute
from jupyter_ext.core.computes.ray_compute import RayCompute
from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.models.model import Model
from jupyter_ext.core.submission.distributed import MpiConfiguration, TorchrunConfiguration
from jupyter_ext.engines.ray.cluster import Cluster, Machine
from jupyter_ext.engines.ray.connection import LIGHTER
from jupyter_ext.runner.on_ray import RayGang
from jupyter_ext.store.live.feed import RunFeed
from jupyter_ext.store.locks import is_locked
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.records import RayCluster, RunSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_ext.core.runs.run import Run

PATIENCE = 120.0
SCRIPT = f"""{ALLREDUCE}
from azureml.core import Run
run = Run.get_context()
run.log("loss", rank)
run.tag("rank-%d" % rank, "was here")
open("outputs/rank-%d.bin" % rank, "wb").write(bytes([rank]) * 5_000_000)
open("outputs/both.txt", "w").write(str(rank))
"""
COUNTING = """
import os, sys, time
print(os.getpid(), flush=True)
number = 0
while not os.path.exists(os.environ["GO"]):
    print("line", number, flush=True)
    number += 1
    time.sleep(0.02)
print("last", number)
"""


def launcher_of(run: Run, node: int) -> int:
    """Return the process id of a node's launcher."""
    return int(json.loads(run.paths.launch_events(node).read_text().splitlines()[0])["pid"])


def submit(folder: Folder, cluster: ComputeTarget, text: str, nodes: int = 2, **variables: str) -> Run:
    config = folder.config(text, compute_target=cluster, distributed_job_config=pytorch(nodes=nodes))
    config.run_config.environment_variables = variables
    return folder.experiment.submit(config)


def ended(run: Run) -> str:
    until(lambda: run.get_status() in ("Completed", "Failed", "Canceled"), PATIENCE)
    return run.get_status()


def counting(folder: Folder, cluster: ComputeTarget, gate: Path) -> tuple[Run, list[int]]:
    """Start a run on two nodes that prints until ``gate`` is there; return it, and the ranks' process ids."""
    run = submit(folder, cluster, COUNTING, GO=str(gate))
    until(
        lambda: (
            run.get_status() == "Failed"
            or (len(logs(run)) == 2 and all(text.count("\n") > 2 for text in logs(run).values()))
        ),
        PATIENCE,
    )
    assert run.get_status() == "Running", reason(run)
    return run, [int(text.split()[0]) for text in logs(run).values()]


def test_the_head_is_no_node_as_it_takes_no_runs(cluster: ComputeTarget) -> None:
    assert [node["cpus"] for node in cluster.list_nodes()] == [1.0, 1.0, 1.0]


@pytest.fixture
def graphics(folder: Folder, nodes: ray_cluster.RayNodes, part: Callable[..., Path]) -> Iterator[ComputeTarget]:
    """A node with two GPUs as a compute target."""
    nodes.mend()
    with nodes.joined("graphics", 2, LD_LIBRARY_PATH=str(part(nvml.build)), NVML_STUB_CARDS="2"):
        configuration = RayCompute.attach_configuration(nodes.address, max_nodes=1, cpus_per_node=2, gpus_per_node=2)
        yield ComputeTarget.attach(folder.experiment.workspace, "graphics", configuration)


def test_its_machines_are_told(folder: Folder, graphics: RayCompute, tmp_path: Path) -> None:
    """With the run that each has, and what the run tells of it."""
    workspace = folder.experiment.workspace
    (node,) = graphics.list_nodes()
    assert (node["nodeState"], node["runId"], node["cpus"], node["gpus"]) == ("idle", None, 2.0, 2.0)
    assert node["sample"] is None
    script = COUNTING.replace('os.environ["GO"]', repr(str(tmp_path / "go")))
    run = folder.submit(script, compute_target=graphics)
    until(lambda: run.paths.nodes.exists() or run.get_status() == "Failed", PATIENCE)
    assert run.get_status() == "Running", reason(run)
    (node,) = graphics.list_nodes()
    assert (node["nodeState"], node["runId"]) == ("running", run.id)
    assert [gpu["mem_total"] > 0 for gpu in node["sample"]["gpus"]] == [True, True]
    parsed = aml_parser("aml").parse_args(["compute", "show", "graphics"])
    answer = compute(workspace, parsed)
    assert answer.data["machines"] == [node | {"sample": answer.data["machines"][0]["sample"]}]
    text = as_text(answer)
    machine, cards = text.split("Nodes of graphics")[1].split("GPUs of graphics")
    for told in (node["hostName"], node["privateIpAddress"], "running", run.id):
        assert told in machine
    assert cards.count("GPU ") == 2
    (tmp_path / "go").touch()
    assert ended(run) == "Completed", reason(run)


def test_two_nodes_bring_everything_back(folder: Folder, cluster: ComputeTarget) -> None:
    folder.path.joinpath("weights.bin").write_bytes(os.urandom(1_000_000))
    run = submit(folder, cluster, SCRIPT)
    assert ended(run) == "Completed", reason(run)
    said = [json.loads(text) for text in logs(run).values()]
    assert [(one["total"], one["NODE_RANK"], one["WORLD_SIZE"]) for one in said] == [(1, "0", "2"), (1, "1", "2")]
    assert said[0]["MASTER_ADDR"] == said[1]["MASTER_ADDR"] == cluster.address.split(":")[0]
    assert sorted(run.get_metrics()["loss"]) == [0, 1]
    assert run.get_tags() == {"rank-0": "was here", "rank-1": "was here"}
    for rank in range(2):
        assert (run.paths.outputs / f"rank-{rank}.bin").read_bytes() == bytes([rank]) * 5_000_000
    both = [file for file in run.get_file_names() if file.endswith("both.txt")]
    assert len(both) == 2
    assert {json.loads(line)["node"] for line in run.paths.nodes.read_text().splitlines()} == {0, 1}
    assert run.paths.events.read_text().count("MB of its files sent") == 2
    again = submit(folder, cluster, "open('weights.bin', 'rb').read()\n", 3)
    assert ended(again) == "Completed", reason(again)
    assert list(logs(again).values()) == ["", "", ""]  # a log, though nothing was printed, as on this machine
    assert again.paths.events.read_text().count("1.0 MB of its files sent") == 1  # the third node had nothing yet


def test_the_environment_is_made_again_on_the_node(folder: Folder, cluster: ComputeTarget) -> None:
    """And the script asks its workspace from there."""
    workspace = folder.experiment.workspace
    workspace.get_default_keyvault().set_secret("password", "s3cret")
    environment = Environment("tables")
    environment.python.conda_dependencies = CondaDependencies.create(
        pip_packages=["tabulate"], python_version="{}.{}".format(*sys.version_info[:2])
    )
    text = """
import sys
import tabulate
from azureml.core import Run
from azureml.core.model import Model
run = Run.get_context()
print(sys.executable, len(run.get_secret("password")), flush=True)
with open("outputs/model.txt", "w") as file:
    file.write("weights")
run.register_model("bird", "outputs/model.txt")
print(open(Model.get_model_path("bird")).read())
"""
    run = folder.submit(text, compute_target=cluster, environment=environment)
    assert ended(run) == "Completed", reason(run)
    first, second = next(iter(logs(run).values())).splitlines()
    python, length = first.split()
    assert "/cache-" in python  # the node's own
    assert (length, second) == ("6", "weights")
    assert [model.name for model in Model.list(workspace)] == ["bird"]


def test_a_rank_fails_and_the_others_are_ended(folder: Folder, cluster: ComputeTarget) -> None:
    run = submit(
        folder,
        cluster,
        "import os, time\nif os.environ['RANK'] == '1':\n    raise ValueError('bad')\ntime.sleep(300)\n",
    )
    assert ended(run) == "Failed"
    assert reason(run) == "Rank 1 on node 1: ValueError: bad (train.py:3)"


@pytest.fixture
def bridge(client: Any) -> Iterator[None]:
    """A network of Docker's beside its own: every machine has its address, and connections from there change theirs."""
    made = client.networks.create("aml-test-bridge")
    yield
    made.remove()


@pytest.mark.docker
@pytest.mark.usefixtures("bridge")
def test_mpirun_over_two_machines(folder: Folder, cluster: ComputeTarget) -> None:
    environment = Environment("mpi")
    version = "{}.{}".format(*sys.version_info[:2])
    environment.python.conda_dependencies = CondaDependencies.create(pip_packages=["mpi4py"], python_version=version)
    given = {
        "compute_target": cluster,
        "environment": environment,
        "distributed_job_config": MpiConfiguration(2, 2),
        "arguments": ["a b", "$AZ_BATCHAI_TASK_INDEX"],
    }
    head = "import os, sys\nfrom mpi4py import MPI\nworld = MPI.COMM_WORLD\n"
    head += "print(sys.executable, *sys.argv[1:], end=' ')\n"
    run = folder.submit(head + "print(world.allreduce(world.rank), 'of', world.size)\n", **given)
    assert ended(run) == "Completed", reason(run)
    ranks = [text for name, text in logs(run).items() if "process" in name]
    assert [text.partition(" ")[2] for text in ranks] == [f"a b {rank // 2} 6 of 4\n" for rank in range(4)]
    pythons = [text.split()[0] for text in ranks]
    assert pythons[0] == pythons[1] != pythons[2] == pythons[3]  # each machine has made its own
    tail = "if world.rank == 2:\n    raise ValueError('bad')\nworld.Barrier()\n"
    failing = folder.submit(head + tail, **given)
    assert ended(failing) == "Failed"
    assert reason(failing) == "Rank 2 on node 1: ValueError: bad (train.py:6)"


def test_who_waits_has_the_runner_of_who_ends(folder: Folder, cluster: ComputeTarget, tmp_path: Path) -> None:
    first, _ = counting(folder, cluster, tmp_path / "go")
    second = submit(folder, cluster, COUNTING, GO=str(tmp_path / "go too"))
    until(lambda: second.get_status() == "Queued")
    runner = pid_of_runner(first)
    (tmp_path / "go").touch()
    assert ended(first) == "Completed", reason(first)
    until(lambda: len(logs(second)) == 2, PATIENCE)
    assert pid_of_runner(second) == runner
    (tmp_path / "go too").touch()
    assert ended(second) == "Completed", reason(second)


def test_cancel(folder: Folder, cluster: ComputeTarget, tmp_path: Path) -> None:
    run, ranks = counting(folder, cluster, tmp_path / "go")
    run.cancel()
    assert ended(run) == "Canceled"
    assert not any(is_process(pid) for pid in ranks)


def test_another_runner_goes_on_where_one_was_killed(
    folder: Folder, cluster: ComputeTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = counting(folder, cluster, tmp_path / "go")
    make_old(monkeypatch)
    os.kill(pid_of_runner(run), signal.SIGKILL)
    until(lambda: not is_locked(run.paths.runner_lock))
    time.sleep(0.5)  # they go on printing
    (tmp_path / "go").touch()
    assert ended(run) == "Completed", reason(run)
    for text in logs(run).values():
        lines = text.splitlines()[1:]
        assert lines[:-1] == [f"line {number}" for number in range(len(lines) - 1)]
        assert lines[-1] == f"last {len(lines) - 1}"


@pytest.mark.torch
@pytest.mark.timeout(600)
def test_torchrun_goes_on_without_a_machine(folder: Folder, cluster: ComputeTarget, with_torch: Environment) -> None:
    """Its store is on the cluster's head."""
    with_torch.environment_variables["GO"] = str(folder.path / "go")
    run = folder.submit(
        ELASTIC.replace('"outputs/go"', "os.environ['GO']"),
        compute_target=cluster,
        environment=with_torch,
        distributed_job_config=TorchrunConfiguration(node_count=2, min_node_count=1),
    )
    host = cluster.address.split(":")[0]
    lose_a_node(run, host, lambda: os.kill(launcher_of(run, 1), signal.SIGKILL), folder.path / "go")
    assert {json.loads(line)["node"] for line in run.paths.nodes.read_text().splitlines()} == {0, 1}


def test_an_actor_is_killed(folder: Folder, cluster: ComputeTarget, tmp_path: Path) -> None:
    run, ranks = counting(folder, cluster, tmp_path / "go")
    actor = _parent(launcher_of(run, 1))
    os.kill(actor, signal.SIGKILL)
    assert ended(run) == "Failed"
    assert "node" in reason(run)
    assert "has died" in reason(run)
    until(lambda: not any(is_process(pid) for pid in ranks), 40)


def test_placed_again(folder: Folder, cluster: ComputeTarget) -> None:
    """Where a machine is lost, the run goes on from its checkpoints, which come with it and are not told twice."""
    run = folder.submit(TRAINING, compute_target=cluster, distributed_job_config=pytorch(nodes=2), max_retries=1)
    until(lambda: len([*run.paths.outputs.glob("checkpoints/*")]) == 2 or run.get_status() == "Failed", PATIENCE)
    os.kill(_parent(launcher_of(run, 1)), signal.SIGKILL)
    assert ended(run) == "Completed", reason(run)
    assert list(logs(run).values()) == [AGAIN, AGAIN]
    assert [file for file in run.get_file_names() if "checkpoints" in file] == [
        "outputs/checkpoints/0",
        "outputs/checkpoints/1",
    ]


def test_placed_again_on_other_machines(folder: Folder, cluster: ComputeTarget, nodes: ray_cluster.RayNodes) -> None:
    """Where Ray itself has died on one."""
    run = folder.submit(TRAINING, compute_target=cluster, distributed_job_config=pytorch(nodes=2), max_retries=1)
    until(lambda: len([*run.paths.outputs.glob("checkpoints/*")]) == 2 or run.get_status() == "Failed", PATIENCE)
    actor = _parent(launcher_of(run, 1))
    next(one for one in nodes.raylets() if one.pid == _parent(actor)).kill()
    assert ended(run) == "Completed", reason(run)
    assert list(logs(run).values()) == [AGAIN, AGAIN]
    assert "is gone: " in run.paths.events.read_text()


def test_a_node_dies(folder: Folder, cluster: ComputeTarget, nodes: ray_cluster.RayNodes, tmp_path: Path) -> None:
    run, ranks = counting(folder, cluster, tmp_path / "go")
    actor = _parent(launcher_of(run, 1))
    raylet = next(one for one in nodes.raylets() if one.pid == _parent(actor))
    raylet.kill()
    assert ended(run) == "Failed"
    assert reason(run).startswith("The launcher of node 1 was killed: node ")
    assert "is gone" in reason(run)
    until(lambda: not any(is_process(pid) for pid in ranks), 40)


def test_what_no_machine_has(folder: Folder, cluster: ComputeTarget) -> None:
    config = folder.config("1\n", compute_target=cluster)
    config.run_config.gpus_per_node = 1
    run = folder.experiment.submit(config)
    until(lambda: "its machines have" in run.paths.events.read_text(), PATIENCE)
    told = (
        "waiting until gpu-cluster has 1 node free; 0 of its machines have 1 CPU and 1 GPU, and none is on its way yet"
    )
    assert told in run.paths.events.read_text()
    feed = RunFeed(run.paths)
    feed.read_all()
    assert feed.run()["standing"] == told
    listed = find_compute(folder.experiment.workspace, "gpu-cluster")
    assert (listed["nodes_in_use"], listed["running"], listed["waiting"]) == (0, [], [run.id])
    run.cancel()
    assert ended(run) == "Canceled"


def test_a_clock_that_differs(folder: Folder, nodes: ray_cluster.RayNodes, tmp_path: Path) -> None:
    nodes.mend()
    late = tmp_path / "late"
    late.mkdir()
    (late / "sitecustomize.py").write_text("import time\nreal = time.time\ntime.time = lambda: real() - 3600\n")
    with nodes.joined("late", 2, PYTHONPATH=f"{late}:{LIGHTER}"):
        configuration = RayCompute.attach_configuration(nodes.address, max_nodes=1, cpus_per_node=2)
        target = ComputeTarget.attach(folder.experiment.workspace, "late", configuration)
        run = folder.submit("import time\nprint(time.time())\n", compute_target=target)
        assert ended(run) == "Completed", reason(run)
    noted = [line for line in run.paths.events.read_text().splitlines() if "clock" in line]
    assert len(noted) == 1
    assert re.search(r"the clock of node 0 \(.*\) is 36\d\d s behind this machine's, and so are its times", noted[0])
    assert float(next(iter(logs(run).values()))) < run.paths.run_json.stat().st_mtime - 3000
    (machine,) = [Machine(*one) for one in json.loads((run.paths.launch / "ray.json").read_text())]
    assert abs(machine.ahead + 3600) < 2


@pytest.mark.parametrize("ahead", [-3600.0, 0.0, 3600.0])
def test_who_failed_first_is_told_by_one_clock(tmp_path: Path, ahead: float) -> None:
    place = RayCluster(address="127.0.0.5:6379")
    spec = RunSpec(run_id="r", experiment="e", workspace="w", type=None, created=0.0, node_count=2, ray=place)
    paths = RunPaths(tmp_path / "r")
    paths.launch.mkdir(parents=True)
    cluster = Cluster(place, "r-0", 2)
    cluster.machines = [Machine("127.0.0.5", 1, "one", ""), Machine("127.0.0.6", 1, "two", "", ahead=ahead)]
    for node, when in ((0, 100.0), (1, 100.5 + ahead)):  # the second fails as the first has
        told = [
            {"t": when, "event": "exit", "rank": node, "code": 1},
            {"t": when, "event": "end", "code": 1, "reason": ""},
        ]
        paths.launch_events(node).write_text("".join(json.dumps(one) + "\n" for one in told))
    assert RayGang(paths, spec, cluster).outcome().node == 0


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
