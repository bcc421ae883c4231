"""Two nodes: the first line in containers beside one, and data-parallel training beside torchrun."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from pathlib import Path

from parts import base_image, engine, torch_python

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.submission.distributed import PyTorchConfiguration
from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace
from tests.bench.submit import first_line
from tests.bench.table import Row, ratio_at_most

_TIMES = 5
_TRAININGS = 3
_LIMIT_SECONDS = 300
_TRAINING = """
import sys, time, torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

torch.set_num_threads(1)
torch.manual_seed(0)
dist.init_process_group("gloo")
layers = torch.nn.Linear(256, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 10)
model = DistributedDataParallel(torch.nn.Sequential(*layers))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
rows, kinds = torch.randn(64, 256), torch.randint(10, (64,))
dist.barrier()
began = time.perf_counter()
for _ in range(200):
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(rows), kinds).backward()
    optimizer.step()
if dist.get_rank() == 0:
    print("trained", time.perf_counter() - began, flush=True)
dist.destroy_process_group()
"""


def measure(place: Path) -> list[Row]:
    source = place / "source"
    source.mkdir()
    (source / "hi.py").write_text('print("hi")\n')
    (source / "train.py").write_text(_TRAINING)
    os.environ["DOCKER_HOST"] = engine.start()
    os.environ["PYTHONPYCACHEPREFIX"] = ""
    workspace = Workspace.create("bench-nodes", show_output=False)
    ComputeTarget.create(workspace, "pair", AmlCompute.provisioning_configuration(max_nodes=2))
    experiment = Experiment(workspace, "nodes")
    return [*_first_lines(experiment, source), *_trainings(experiment, source)]


def _first_lines(experiment: Experiment, source: Path) -> list[Row]:
    image = Environment.from_docker_image("bench", base_image.make(os.environ["DOCKER_HOST"]))
    found: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    for _ in range(_TIMES + 1):
        for nodes, seconds in found.items():
            time.sleep(1.0)  # the spare runner is ready again
            seconds.append(_lines(experiment, source, image, nodes))
    (one, _), (first, last) = (
        (statistics.median(one[0] for one in seconds[1:]), statistics.median(one[1] for one in seconds[1:]))
        for seconds in found.values()
    )
    what = "two nodes, containers:"
    return [
        ratio_at_most(f"{what} first line", first, "s", "one container", one, 2.0),
        Row(f"{what} first line of the last rank", last, "s", "one container", one, "", kept=True),
    ]


def _lines(experiment: Experiment, source: Path, image: Environment, nodes: int) -> tuple[float, float]:
    began = time.perf_counter()
    run = _submit(experiment, source, "hi.py", image, nodes)
    logs = [run.paths.root / run.paths.rank_log(rank, nodes) for rank in range(nodes)]
    seconds = [first_line(log, began) for log in logs]
    run.wait_for_completion()
    return min(seconds), max(seconds)


def _trainings(experiment: Experiment, source: Path) -> list[Row]:
    python = torch_python.make()
    environment = Environment("bench-torch")
    environment.python.user_managed_dependencies = True
    environment.python.interpreter_path = str(python)
    ours, theirs = [], []
    for _ in range(_TRAININGS + 1):
        ours.append(_ours(experiment, source, environment))
        theirs.append(_torchrun(python, source))
    (whole, loop), (their_whole, their_loop) = (
        (statistics.median(one[0] for one in each[1:]), statistics.median(one[1] for one in each[1:]))
        for each in (ours, theirs)
    )
    what = "DDP over two nodes, gloo:"
    return [
        ratio_at_most(f"{what} from start to end", whole, "s", "torchrun", their_whole, 1.02),
        ratio_at_most(f"{what} 200 steps", loop, "s", "torchrun", their_loop, 1.02),
    ]


def _ours(experiment: Experiment, source: Path, environment: Environment) -> tuple[float, float]:
    began = time.perf_counter()
    run = _submit(experiment, source, "train.py", environment, 2)
    run.wait_for_completion()
    seconds = time.perf_counter() - began
    return seconds, _trained((run.paths.root / run.paths.rank_log(0, 2)).read_text())


def _torchrun(python: Path, source: Path) -> tuple[float, float]:
    began = time.perf_counter()
    command = [str(python), "-m", "torch.distributed.run", "--nnodes=2", "--nproc-per-node=1", "--rdzv-backend=c10d"]
    command += ["--rdzv-endpoint=127.0.0.1:29511", "--local-addr=127.0.0.1", f"--rdzv-id={began}"]
    nodes = [
        subprocess.Popen(
            [*command, f"--rdzv-conf=is_host={int(node == 0)}", "train.py"],
            cwd=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for node in range(2)
    ]
    said = "".join(node.communicate(timeout=_LIMIT_SECONDS)[0] for node in nodes)
    return time.perf_counter() - began, _trained(said)


def _trained(text: str) -> float:
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("trained "))


def _submit(experiment: Experiment, source: Path, script: str, environment: Environment, nodes: int) -> Run:
    together = PyTorchConfiguration("gloo", node_count=nodes)
    config = ScriptRunConfig(
        str(source), script, compute_target="pair", environment=environment, distributed_job_config=together
    )
    return experiment.submit(config)
