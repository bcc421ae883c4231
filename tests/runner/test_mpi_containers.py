"""Runs of a real ``mpirun`` over several containers, whose launchers are its remote shell."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from parts.gangs import left, logs
from parts.submitting import Folder, reason, until

from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission.distributed import MpiConfiguration
from jupyter_ext.store.live.feed import RunFeed

pytestmark = pytest.mark.docker

WORLD = "import os, time\nfrom mpi4py import MPI\nworld = MPI.COMM_WORLD\n"
SLEEPING = WORLD + "print('on', flush=True)\nwhile not os.path.exists('outputs/go'):\n    time.sleep(0.01)\n"


@pytest.fixture
def mpi(given: dict[str, Any], mpi_image: str) -> dict[str, Any]:
    """Two nodes by two processes, in containers with Open MPI."""
    environment = Environment.from_docker_image("mpi", mpi_image)
    return {**given, "environment": environment, "distributed_job_config": MpiConfiguration(2, 2)}


def test_ranks_add_up_over_two_nodes(boxed: Folder, mpi: dict[str, Any], client: Any) -> None:
    names = [
        "AZ_BATCHAI_TASK_INDEX",
        "OMPI_COMM_WORLD_LOCAL_RANK",
        "AZ_BATCH_MASTER_NODE",
        "AZ_BATCHAI_MPI_MASTER_NODE",
    ]
    text = WORLD + f"print(world.allreduce(world.rank), world.size, *[os.environ[name] for name in {names}])\n"
    run = boxed.submit(text, **mpi)
    assert run.wait_for_completion()["status"] == "Completed"
    said = logs(run)
    assert [said.pop("mpi_log.txt"), said.pop("mpi_log_1.txt")] == ["", ""]
    assert list(said.values()) == [f"6 4 {k // 2} {k % 2} node-0:6105 node-0\n" for k in range(4)]
    assert left(client, run) == []
    feed = RunFeed(run.paths)
    feed.read_all()
    assert [node["ranks"] for node in feed.topic("nodes")] == [[0, 1], [2, 3]]


def test_a_rank_that_raises_ends_all(boxed: Folder, mpi: dict[str, Any], client: Any) -> None:
    text = SLEEPING + "if world.rank == 2:\n    raise ValueError('bad')\nworld.Barrier()\n"
    run = boxed.submit(text, **mpi)
    until(lambda: list(logs(run).values()).count("on\n") == 4)
    (run.paths.outputs / "go").touch()
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "Rank 2 on node 1: ValueError: bad (train.py:8)"
    assert left(client, run) == []


def test_the_daemon_of_mpirun_is_killed(boxed: Folder, mpi: dict[str, Any], client: Any) -> None:
    run = boxed.submit(SLEEPING, **mpi)
    until(lambda: list(logs(run).values()).count("on\n") == 4)
    processes = client.containers.get(f"aml-{run.id}-1").top()["Processes"]
    daemon = next(int(one[1]) for one in processes if one[-1].split()[0].endswith("orted"))
    os.kill(daemon, signal.SIGKILL)
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "mpirun's daemon on node 1 was killed by signal 9 (SIGKILL)."
    assert left(client, run) == []


def test_cancel(boxed: Folder, mpi: dict[str, Any], client: Any) -> None:
    config = boxed.config(command="echo on $OMPI_COMM_WORLD_SIZE; sleep 300", **mpi)
    run = boxed.experiment.submit(config)
    until(lambda: list(logs(run).values()).count("on 4\n") == 4)
    run.cancel()
    run.wait_for_completion(raise_on_error=False)
    assert run.get_status() == "Canceled"
    assert left(client, run) == []
