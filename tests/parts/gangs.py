"""What tests of runs with several ranks share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission.distributed import PyTorchConfiguration
from jupyter_ext.core.submission.runconfig_parts import DockerConfiguration
from jupyter_ext.engines import docker_engine
from parts import mpi_image as making
from parts import torch_python
from parts.submitting import Folder, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace

# a sum over all ranks, which meet at MASTER_ADDR:MASTER_PORT
ALLREDUCE = """
import json, os, socket, time
rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
place = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
if rank == 0:
    listening = socket.create_server(("", place[1]))
    others = [listening.accept()[0] for _ in range(world - 1)]
    total = sum(int(other.recv(100)) for other in others)
    for other in others:
        other.sendall(str(total).encode())
        other.close()
else:
    while True:
        try:
            joined = socket.create_connection(place)
            break
        except OSError:
            time.sleep(0.05)
    joined.sendall(str(rank).encode())
    total = int(joined.recv(100))
names = ["NODE_RANK", "RANK", "LOCAL_RANK", "WORLD_SIZE", "AML_RANK", "MASTER_ADDR", "AZ_BATCHAI_TASK_INDEX"]
print(json.dumps({"total": total, **{name: os.environ[name] for name in names}}))
"""


# a training that any number of nodes can go on with
ELASTIC = """
import os, time, torch
import torch.distributed as dist

dist.init_process_group("gloo")
names = ["RANK", "WORLD_SIZE", "LOCAL_RANK", "NODE_RANK", "AML_RANK", "MASTER_ADDR"]
print("start", *[os.environ[name] for name in names], flush=True)
go = torch.zeros(1)
while not go.item():
    go.fill_(os.path.exists("outputs/go"))
    dist.all_reduce(go)
    time.sleep(0.05)
print("sum", go.item(), flush=True)
dist.destroy_process_group()
"""
# a training of two steps: the second is done after the node has died once
TRAINING = """
import os, time
from pathlib import Path
restarts, rank = os.environ["AML_RESTART_COUNT"], os.environ.get("RANK", "0")
done = Path(f"outputs/checkpoints/{rank}")
done.parent.mkdir(exist_ok=True)
print("start", restarts, "after", done.read_text() if done.exists() else "nothing", flush=True)
if not done.exists():
    done.write_text("step 1")
    time.sleep(300)
"""
AGAIN = "start 0 after nothing\n--- a node was lost: started again (1) ---\nstart 1 after step 1\n"
_SLOW = 240.0


def pytorch(processes: int | None = None, nodes: int = 1) -> PyTorchConfiguration:
    """Describe how ranks find one another, over gloo."""
    return PyTorchConfiguration("gloo", processes, nodes)


def logs(run: Run) -> dict[str, str]:
    """Return what each log of the ranks, and of mpirun, has by now."""
    return {file.name: file.read_text() for file in sorted(run.paths.user_logs.iterdir())}


def lose_a_node(run: Run, master: str, kill: Callable[[], object], gate: Path) -> None:
    """Have node 1 of :data:`ELASTIC` killed while both are at work, and see the other to the end at ``gate``."""
    begun = [f"start {rank} 2 0 {rank} {rank} {master}\n" for rank in (0, 1)]
    until(
        lambda: (
            [text for name, text in logs(run).items() if "process" in name] == begun or run.get_status() == "Failed"
        ),
        _SLOW,
    )
    kill()
    until(lambda: "node 1 was lost: the run goes on without it" in run.paths.events.read_text(), 10)
    until(
        lambda: f"start 0 1 0 0 0 {master}\n" in logs(run)["std_log_process_0.txt"] or run.get_status() == "Failed",
        _SLOW,
    )
    gate.touch()
    assert run.wait_for_completion()["status"] == "Completed"
    assert logs(run)["std_log_process_0.txt"].endswith("sum 1.0\n")


def make_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs count as old enough to be adopted at once; not before their own runner has started."""
    monkeypatch.setattr("jupyter_ext.store.runners._STARTING_SECONDS", 0.0)
    monkeypatch.setattr("jupyter_ext.core.runs.base._TEND_SECONDS", 0.3)


@pytest.fixture(scope="session")
def mpi_image(engine: str, part: Callable[[Callable[[], str]], str]) -> str:
    """The name of an image with Open MPI and mpi4py."""
    return part(lambda: making.make(engine))


@pytest.fixture(scope="session")
def torch_interpreter(part: Callable[[Callable[[], Path]], Path]) -> Path:
    """A Python with PyTorch."""
    return part(torch_python.make)


@pytest.fixture
def with_torch(torch_interpreter: Path) -> Environment:
    """An environment of processes with PyTorch."""
    environment = Environment("with-torch")
    environment.python.user_managed_dependencies = True
    environment.python.interpreter_path = str(torch_interpreter)
    environment.environment_variables = {"PYTHONPYCACHEPREFIX": ""}  # its modules are compiled where they lie
    return environment


@pytest.fixture
def torch_docker(torch_interpreter: Path) -> DockerConfiguration:
    """What gives PyTorch to containers whose image has none."""
    arguments = ["-v", f"{torch_python.packages(torch_interpreter)}:{torch_python.INSIDE}:ro"]
    return DockerConfiguration(use_docker=True, arguments=[*arguments, "-e", f"PYTHONPATH={torch_python.INSIDE}"])


@pytest.fixture
def boxed(tmp_path: Path, workspace: Workspace, base_image: str) -> Folder:
    """A folder whose runs are in containers."""
    del base_image
    return Folder(tmp_path / "src", workspace)


@pytest.fixture
def given(boxed: Folder, base_image: str) -> dict[str, Any]:
    """Where and in what: two nodes that are containers."""
    configuration = AmlCompute.provisioning_configuration(max_nodes=2)
    return {
        "compute_target": ComputeTarget.create(boxed.experiment.workspace, "pair", configuration),
        "environment": Environment.from_docker_image("boxed", base_image),
    }


@pytest.fixture
def client(engine: str) -> Iterator[Any]:
    """A client of the engine."""
    del engine
    made = docker_engine.client()
    yield made
    made.close()


def left(client: Any, run: Run) -> list[str]:
    """Return what the engine still has of a run."""
    label = {"label": f"jupyter-aml.run={run.id}"}
    found = [*client.containers.list(all=True, filters=label), *client.networks.list(filters=label)]
    return [one.name for one in found]
