"""Real cards, where the machine has some: what the driver's own program tells of them, and runs that work on them."""

from __future__ import annotations

import csv
import importlib.util
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from parts.gangs import logs, pytorch

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.engines.sampler import sample
from jupyter_ext.store.queueing.nvml import gpu_count

if TYPE_CHECKING:
    from parts.submitting import Folder

    from jupyter_ext.core.workspaces.workspace import Workspace

pytestmark = pytest.mark.skipif(
    not gpu_count() or shutil.which("nvidia-smi") is None, reason="this machine has no NVIDIA GPU"
)

# ours, the driver's, and by how much they may be beside what the driver told just before and just after
FIGURES = (
    ("i", "index", 0.0),
    ("mem_total", "memory.total", 0.0),
    ("mem", "memory.used", 64.0),
    ("util", "utilization.gpu", 10.0),
    ("temp", "temperature.gpu", 2.0),
    ("power", "power.draw", 25.0),
    ("clock", "clocks.sm", 150.0),
)
MIB = 1 << 20
HELD = 512 * MIB
HOLD = f"""
import ctypes, os, time

cuda = ctypes.CDLL("libcuda.so.1")
def done(code):
    assert code == 0, code
count, device, context, memory = ctypes.c_int(), ctypes.c_int(), ctypes.c_void_p(), ctypes.c_uint64()
done(cuda.cuInit(0))
done(cuda.cuDeviceGetCount(ctypes.byref(count)))
done(cuda.cuDeviceGet(ctypes.byref(device), 0))
done(cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), device))
done(cuda.cuCtxSetCurrent(context))
done(cuda.cuMemAlloc_v2(ctypes.byref(memory), ctypes.c_size_t({HELD})))
print(os.getpid(), count.value, flush=True)
time.sleep(12)  # samples list processes every fifth second
"""
NCCL = """
import os, torch
import torch.distributed as dist

torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
dist.init_process_group("nccl")
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(4, 1, bias=False).cuda())
rows = torch.full((2, 4), float(dist.get_rank() + 1)).cuda()
model(rows).mean().backward()
total = torch.ones(1).cuda()
dist.all_reduce(total)
print(int(total.item()), model.module.weight.grad[0, 0].item())
dist.destroy_process_group()
"""


def told_by_the_driver() -> list[dict[str, str]]:
    names = [name for _, name, _ in FIGURES] + ["uuid", "name"]
    command = ["nvidia-smi", f"--query-gpu={','.join(names)}", "--format=csv,noheader,nounits"]
    lines = subprocess.check_output(command, text=True).splitlines()
    return [dict(zip(names, map(str.strip, row), strict=True)) for row in csv.reader(lines)]


def has_cuda() -> bool:
    if importlib.util.find_spec("torch") is None:
        return False
    asked = [sys.executable, "-c", "import torch; raise SystemExit(not torch.cuda.is_available())"]
    return subprocess.run(asked, check=False).returncode == 0


@pytest.fixture
def cards(workspace: Workspace) -> Any:
    count = gpu_count()
    size = AmlCompute.provisioning_configuration(max_nodes=count)
    return ComputeTarget.create(workspace, "cards", size)


def test_samples_say_what_the_driver_says() -> None:
    before, taken, after = told_by_the_driver(), sample(0)["gpus"], told_by_the_driver()
    assert [(one["uuid"], one["name"]) for one in taken] == [(one["uuid"], one["name"]) for one in before]
    for ours, first, last in zip(taken, before, after, strict=True):
        for name, theirs, off in FIGURES:
            if "[N/A]" in (first[theirs], last[theirs]):  # the card does not tell
                continue
            value = ours[name] / MIB if name.startswith("mem") else ours[name]
            low, high = sorted((float(first[theirs]), float(last[theirs])))
            assert low - off - 1 < value < high + off + 1, (name, first, ours, last)


def test_a_run_has_a_card_and_is_seen_on_it(folder: Folder, cards: Any) -> None:
    config = folder.config(HOLD, compute_target=cards)
    config.run_config.gpus_per_node = 1
    run = folder.experiment.submit(config)
    run.wait_for_completion()
    pid, seen = map(int, (run.paths.user_logs / "std_log.txt").read_text().split())
    assert seen == 1
    samples = run.node_samples()
    assert set(samples["gpu_name"].dropna()) <= {one["name"] for one in told_by_the_driver()}
    assert samples["gpu_mem_bytes"].max() >= HELD
    listed = [one for procs in samples["gpu_processes"] if isinstance(procs, list) for one in procs]
    assert any(one["rank"] == 0 and one["mem"] >= HELD for one in listed if one["pid"] == pid)


@pytest.mark.torch
def test_gradients_over_nccl(folder: Folder, cards: Any) -> None:
    if not has_cuda():
        pytest.skip("PyTorch does not see a GPU")
    ranks = min(2, gpu_count())
    config = folder.config(NCCL, compute_target=cards, distributed_job_config=pytorch(ranks, 1))
    config.run_config.gpus_per_node = ranks
    run = folder.experiment.submit(config)
    run.wait_for_completion()
    mean = sum(range(1, ranks + 1)) / ranks
    assert [text.split() for text in logs(run).values()] == [[str(ranks), str(mean)]] * ranks
