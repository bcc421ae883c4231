"""A line of 1,000 short runs on 4 slots, beside as many by submitit; the scheduler by itself; 100 samplers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from parts import nvml

from tests.bench.table import Row, at_most

_RUNS = 1000
_SLOTS = 4
_PEER_RUNS = 40
_SAMPLERS = 100
_SECONDS = 5
_MOST_SECONDS = 1800.0


def measure(place: Path) -> list[Row]:
    ours, cpu = _line(place)
    sample_plain, sample_cards = (_samplers(place, cards) for cards in (0, 8))
    return [
        Row(
            f"{_RUNS} short runs on {_SLOTS} slots, each",
            ours,
            "s",
            "submitit, 4 at once",
            _submitit(place),
            "",
            kept=True,
        ),
        Row(f"{_RUNS} short runs on {_SLOTS} slots, CPU of each", cpu, "s", "", None, "", kept=True),
        at_most("100,000 runs on 1,000 nodes, scheduled", _simulated(), "s", 60),
        at_most("100 samplers, no GPU, of a core", sample_plain, "%", 5),
        Row("100 samplers of 8 GPUs, of a core", sample_cards, "%", "", None, "", kept=True),
    ]


def _line(place: Path) -> tuple[float, float]:
    """Return how long each run took, and how much CPU, until all are done; fails where one is lost or runs twice."""
    from jupyter_ext.core.computes.managing import add_compute
    from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
    from jupyter_ext.core.workspaces.experiment import Experiment
    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state

    workspace = Workspace.create("line", show_output=False)
    add_compute(workspace, "four", _SLOTS)
    ran, source = place / "ran", place / "empty"
    source.mkdir()
    experiment = Experiment(workspace, "short")
    config = ScriptRunConfig(str(source), command=f'echo "$AZUREML_RUN_ID" >> {ran}', compute_target="four")
    began, busy = time.perf_counter(), _busy()
    runs = [experiment.submit(config) for _ in range(_RUNS)]
    left = runs
    while left:
        left = [run for run in left if read_state(str(run.paths.root))["status"] != "Completed"]
        if time.perf_counter() - began > _MOST_SECONDS:
            raise TimeoutError(f"{len(left)} of {_RUNS} runs are not done")
        time.sleep(0.5)
    seconds = time.perf_counter() - began
    if sorted(ran.read_text().split()) != sorted(run.id for run in runs):
        raise AssertionError("a run was lost, or ran twice")
    return seconds / _RUNS, (_busy() - busy) / _RUNS


def _busy() -> float:
    """Return the CPU seconds that this machine has spent."""
    import psutil

    times = psutil.cpu_times()
    return float(times.user + times.system)


def _submitit(place: Path) -> float:
    import submitit

    executor = submitit.LocalExecutor(folder=place / "submitit")
    executor.update_parameters(timeout_min=5)
    began = time.perf_counter()
    for _ in range(_PEER_RUNS // _SLOTS):
        for job in [executor.submit(os.getpid) for _ in range(_SLOTS)]:
            job.result()
    return (time.perf_counter() - began) / _PEER_RUNS


def _simulated() -> float:
    from store.queueing.test_scheduling import made_up, simulate

    jobs = made_up(100_000, 1000, load=0.8)
    began = time.process_time()
    simulate(jobs, 1000, passing=True)
    return time.process_time() - began


def _samplers(place: Path, cards: int) -> float:
    """Return what 100 samplers cost in percent of a core; each takes its sample every second."""
    program = f"""
import time
from pathlib import Path
from jupyter_ext.runner.sampling import Sampling
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.records import LaunchSpec, encode, replace
samplers = []
for number in range({_SAMPLERS}):
    paths = RunPaths(Path({str(place)!r}) / "samplers{cards}" / str(number))
    gpus = [f"GPU-stub-{{card}}" for card in range({cards})]
    replace(paths.launch_spec(0), encode(LaunchSpec(version=1, node=0, ranks=[], gpus=gpus)))
    samplers.append(Sampling(paths))
for sampler in samplers:
    sampler.tick()
cpu, began = time.process_time(), time.monotonic()
while time.monotonic() - began < {_SECONDS}:
    for sampler in samplers:
        sampler.tick()
    time.sleep(max(0, min(sampler._due for sampler in samplers) - time.monotonic()))
print(100 * (time.process_time() - cpu) / (time.monotonic() - began))
"""
    environment = {**os.environ, "LD_LIBRARY_PATH": str(nvml.build()), "NVML_STUB_CARDS": str(cards)}
    return float(subprocess.check_output([sys.executable, "-c", program], text=True, env=environment))
