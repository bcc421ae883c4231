from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from parts.submitting import is_process, until

from jupyter_ext.engines.process import ProcessNode
from jupyter_ext.engines.sampler import sample
from jupyter_ext.runtime.inside.jupyter_aml_run.records import read_records
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.queueing.nvml import gpu_count
from jupyter_ext.store.records import LaunchSpec, encode, replace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def paths(tmp_path: Path) -> RunPaths:
    run = RunPaths(tmp_path / "run")
    for folder in (run.work, run.system_logs, run.launch):
        folder.mkdir(parents=True)
    return run


def begin(paths: RunPaths, code: str, environment: dict[str, str] | None = None) -> ProcessNode:
    ranks = [{"rank": 0, "log": "user_logs/std_log.txt"}]
    spec = LaunchSpec(version=1, node=0, argv=[sys.executable, "-c", code], ranks=ranks, grace_seconds=30.0)
    replace(paths.launch_spec(0), encode(spec))
    node = ProcessNode(paths, 0)
    node.start({"PATH": os.environ["PATH"], **(environment or {})})
    return node


def pid_of(paths: RunPaths, event: str) -> int:
    return int(
        until(lambda: [one["pid"] for one in read_records(str(paths.launch_events(0))) if one["event"] == event])[0]
    )


def test_a_node_from_start_to_end(paths: RunPaths) -> None:
    node = begin(paths, "import os; print(os.environ['A'], os.getcwd())", {"A": "b"})
    assert node.wait(20)
    assert not node.alive()
    assert (paths.user_logs / "std_log.txt").read_text() == f"b {paths.work}\n"
    assert node.remove() is None


def test_stop(paths: RunPaths) -> None:
    node = begin(paths, "import time; time.sleep(300)")
    rank = pid_of(paths, "rank")
    assert not node.wait(0.1)
    node.stop()
    assert node.wait(20)
    assert not is_process(rank)
    node.stop()


def test_another_object_sees_the_same_node(paths: RunPaths) -> None:
    node = begin(paths, "import time; time.sleep(300)")
    pid_of(paths, "rank")
    adopted = ProcessNode(paths, 0)
    assert adopted.alive()
    adopted.stop()
    assert adopted.wait(20)
    assert node.wait(20)


def test_a_launcher_that_does_not_answer_is_ended_with_its_ranks(paths: RunPaths) -> None:
    node = begin(paths, "import time; time.sleep(300)")
    rank, launcher = pid_of(paths, "rank"), pid_of(paths, "launcher")
    os.kill(launcher, signal.SIGSTOP)
    node.stop()
    assert not node.wait(0.3)
    node.stop(at_once=True)
    assert node.wait(20)
    assert not is_process(rank)


def test_a_sample_of_this_machine() -> None:
    one = sample(3)
    assert (one["node"], one["cpus"]) == (3, os.cpu_count())
    assert 0 <= one["cpu"] <= 100
    assert 0 < one["mem"] < one["mem_total"]
    assert len(one["gpus"]) == gpu_count()
