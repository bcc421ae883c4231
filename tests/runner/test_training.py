"""PyTorch's own data-parallel training over two nodes by two processes, its gradients held against one process."""

from __future__ import annotations

import json
from typing import Any

import pytest
from parts.gangs import logs, pytorch
from parts.submitting import Folder

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget

DDP = """
import json, os, torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

def gradients(model, rows):
    ((model(rows[:, :4]) - rows[:, 4:]) ** 2).mean().backward()
    return torch.cat([one.grad.flatten() for one in model.parameters()])

torch.set_num_threads(1)
torch.manual_seed(0)
rows = torch.randn(32, 6)
make = lambda: torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
model, alone = make(), make()
alone.load_state_dict(model.state_dict())
dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
ours = gradients(DistributedDataParallel(model), rows.chunk(world)[rank]) * world
expected = gradients(alone, rows) * world
total = torch.tensor([rank])
dist.all_reduce(total)
print(json.dumps({"node": os.environ["NODE_RANK"], "total": total.item(), "world": world,
                  "off": (ours - expected).abs().max().item(), "size": expected.abs().sum().item()}))
dist.destroy_process_group()
"""


def check(said: list[str]) -> None:
    told = [json.loads(text.splitlines()[-1]) for text in said]
    assert [one["node"] for one in told] == ["0", "0", "1", "1"]
    assert {(one["total"], one["world"]) for one in told} == {(6, 4)}
    assert all(one["off"] < 1e-5 < one["size"] for one in told)


@pytest.mark.torch
def test_gradients_as_processes(folder: Folder, with_torch: Any) -> None:
    target = ComputeTarget.create(
        folder.experiment.workspace, "pair", AmlCompute.provisioning_configuration(max_nodes=2)
    )
    run = folder.submit(DDP, compute_target=target, environment=with_torch, distributed_job_config=pytorch(4, 2))
    assert run.wait_for_completion()["status"] == "Completed"
    check(list(logs(run).values()))


@pytest.mark.torch
@pytest.mark.docker
def test_gradients_in_containers(boxed: Folder, given: dict[str, Any], torch_docker: Any) -> None:
    run = boxed.submit(DDP, distributed_job_config=pytorch(4, 2), docker_runtime_config=torch_docker, **given)
    assert run.wait_for_completion()["status"] == "Completed"
    check(list(logs(run).values()))
