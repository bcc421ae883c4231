"""Runs of several processes and nodes, as processes of this machine."""

from __future__ import annotations

import json
import os
import signal
import sys
import time

import pytest
from parts.gangs import ALLREDUCE, logs, make_old, pytorch
from parts.submitting import Folder, is_process, pid_of_runner, reason, until

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.submission.distributed import MpiConfiguration, TensorflowConfiguration
from jupyter_ext.core.submission.runconfig import RunConfiguration
from jupyter_ext.store.locks import is_locked

PIDS = "import os, time\nprint(os.getpid(), flush=True)\n"
SLEEPING = PIDS + "time.sleep(300)\n"


@pytest.fixture
def cluster(folder: Folder) -> ComputeTarget:
    configuration = AmlCompute.provisioning_configuration(max_nodes=2)
    return ComputeTarget.create(folder.experiment.workspace, "pair", configuration)


def pids(run: Run, count: int) -> list[int]:
    """Return the process ids that all ranks have printed."""

    def printed() -> list[int]:
        said = [text for name, text in logs(run).items() if "process" in name]
        return [int(text.split()[0]) for text in said if "\n" in text]

    until(lambda: len(printed()) == count or run.get_status() == "Failed")
    return printed()


def test_two_nodes_by_two_processes(folder: Folder, cluster: ComputeTarget) -> None:
    run = folder.submit(ALLREDUCE, compute_target=cluster, distributed_job_config=pytorch(4, 2))
    assert run.wait_for_completion()["status"] == "Completed"
    said = logs(run)
    assert list(said) == [f"std_log_process_{rank}.txt" for rank in range(4)]
    for rank, text in enumerate(said.values()):
        node, local = divmod(rank, 2)
        assert json.loads(text) == {
            "total": 6,
            "NODE_RANK": str(node),
            "RANK": str(rank),
            "LOCAL_RANK": str(local),
            "WORLD_SIZE": "4",
            "AML_RANK": str(rank),
            "MASTER_ADDR": "127.0.0.1",
            "AZ_BATCHAI_TASK_INDEX": str(node),
        }


def test_ten_processes_have_logs_of_one_width(folder: Folder) -> None:
    run = folder.submit("print('hi')\n", distributed_job_config=pytorch(11))
    assert run.wait_for_completion()["status"] == "Completed"
    assert list(logs(run)) == [f"std_log_process_{rank:02d}.txt" for rank in range(11)]


def test_a_command_on_every_node(folder: Folder, cluster: ComputeTarget) -> None:
    command = 'echo "$NODE_RANK of $WORLD_SIZE at $MASTER_ADDR"'
    config = folder.config(command=command, compute_target=cluster, distributed_job_config=pytorch(nodes=2))
    run = folder.experiment.submit(config)
    assert run.wait_for_completion()["status"] == "Completed"
    assert list(logs(run).values()) == ["0 of 2 at 127.0.0.1\n", "1 of 2 at 127.0.0.1\n"]


def test_tensorflow_ends_with_its_workers(folder: Folder, cluster: ComputeTarget) -> None:
    text = (
        "import json, os, time\nconfig = json.loads(os.environ['TF_CONFIG'])\nprint(json.dumps(config), flush=True)\n"
        "time.sleep(300 if config['task']['type'] == 'ps' else 0.2)\n"
    )
    run = folder.submit(text, compute_target=cluster, distributed_job_config=TensorflowConfiguration(2, 1))
    assert run.wait_for_completion()["status"] == "Completed"
    configs = [json.loads(said) for said in logs(run).values()]
    assert [config["task"] for config in configs] == [
        {"type": "worker", "index": 0},
        {"type": "worker", "index": 1},
        {"type": "ps", "index": 0},
    ]
    assert [config["environment"] for config in configs] == ["cloud"] * 3
    cluster_of_tasks = configs[0]["cluster"]
    places = [*cluster_of_tasks["worker"], *cluster_of_tasks["ps"]]
    assert len(set(places)) == 3
    assert all(place.startswith("127.0.0.1:") for place in places)


def test_a_rank_that_fails_ends_the_others(folder: Folder, cluster: ComputeTarget) -> None:
    text = (
        PIDS + "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "while not os.path.exists('outputs/go'):\n    time.sleep(0.01)\n"
        "if os.environ['RANK'] == '3':\n    raise ValueError('bad batch')\ntime.sleep(300)\n"
    )
    run = folder.submit(text, compute_target=cluster, distributed_job_config=pytorch(4, 2))
    ranks = pids(run, 4)
    (run.paths.outputs / "go").touch()
    began = time.monotonic()
    until(lambda: not any(is_process(pid) for pid in ranks))
    assert time.monotonic() - began < 8  # they have 4 seconds to end by themselves
    run.wait_for_completion(raise_on_error=False)
    assert run.get_status() == "Failed"
    assert reason(run) == "Rank 3 on node 1: ValueError: bad batch (train.py:8)"
    assert run.get_details()["logFiles"]


def test_a_launcher_that_is_killed(folder: Folder, cluster: ComputeTarget) -> None:
    run = folder.submit(SLEEPING, compute_target=cluster, distributed_job_config=pytorch(2, 2))
    ranks = pids(run, 2)
    lines = run.paths.launch_events(1).read_text().splitlines()
    os.kill(json.loads(lines[0])["pid"], signal.SIGKILL)
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "The launcher of node 1 was killed."
    assert not any(is_process(pid) for pid in ranks)


def test_cancel(folder: Folder, cluster: ComputeTarget) -> None:
    run = folder.submit(SLEEPING, compute_target=cluster, distributed_job_config=pytorch(4, 2))
    ranks = pids(run, 4)
    run.cancel()
    run.wait_for_completion(raise_on_error=False)
    assert run.get_status() == "Canceled"
    assert not any(is_process(pid) for pid in ranks)


def test_another_runner_takes_over(folder: Folder, cluster: ComputeTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PIDS + "while not os.path.exists('outputs/go'):\n    time.sleep(0.01)\n"
    text += "if os.environ['RANK'] == '2':\n    raise ValueError('late')\ntime.sleep(300)\n"
    run = folder.submit(text, compute_target=cluster, distributed_job_config=pytorch(4, 2))
    ranks = pids(run, 4)
    make_old(monkeypatch)
    os.kill(pid_of_runner(run), signal.SIGKILL)
    until(lambda: not is_locked(run.paths.runner_lock))
    (run.paths.outputs / "go").touch()
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "Rank 2 on node 1: ValueError: late (train.py:6)"
    assert not any(is_process(pid) for pid in ranks)


def test_the_runner_is_killed_between_two_nodes(
    folder: Folder, cluster: ComputeTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second launcher has not been started: the next runner does, and does not start the first again."""
    text = "import os, time\nprint(os.environ['RANK'], flush=True)\nwhile not os.path.exists('outputs/go'):\n"
    text += "    time.sleep(0.01)\n"
    run = folder.submit(text, compute_target=cluster, distributed_job_config=pytorch(2, 2))
    until(lambda: len(logs(run)) == 2 and all(logs(run).values()))
    make_old(monkeypatch)
    os.kill(pid_of_runner(run), signal.SIGKILL)
    lines = run.paths.launch_events(1).read_text().splitlines()
    os.kill(json.loads(lines[0])["pid"], signal.SIGKILL)
    until(lambda: not is_locked(run.paths.launch_lock(1)))
    run.paths.launch_events(1).unlink()
    until(lambda: run.get_status() and logs(run)["std_log_process_1.txt"] == "1\n1\n")
    (run.paths.outputs / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed"
    assert logs(run)["std_log_process_0.txt"] == "0\n"


def test_gangs_wait_for_all_their_nodes(folder: Folder, cluster: ComputeTarget) -> None:
    text = PIDS + "while not os.path.exists(os.environ['GO']):\n    time.sleep(0.01)\n"
    gates = [folder.path.parent / f"go{number}" for number in range(3)]
    runs = []
    for gate, nodes in zip(gates, (1, 2, 1), strict=True):
        config = folder.config(text, compute_target=cluster, distributed_job_config=pytorch(nodes=nodes))
        config.run_config.environment_variables = {"GO": str(gate)}
        runs.append(folder.experiment.submit(config))
    first, gang, last = runs
    until(lambda: first.get_status() == "Running" and last.get_status() == gang.get_status() == "Queued")
    assert cluster.get_status().serialize()["nodeStateCounts"]["runningNodeCount"] == 1
    gates[0].touch()
    until(lambda: gang.get_status() == "Running")
    assert last.get_status() == "Queued"
    assert cluster.get_status().serialize()["nodeStateCounts"]["runningNodeCount"] == 2
    assert [node["runId"] for node in cluster.list_nodes()] == [gang.id, gang.id]
    gates[1].touch()
    gates[2].touch()
    assert [run.wait_for_completion()["status"] for run in runs] == ["Completed"] * 3


def test_mpirun_starts_the_ranks(folder: Folder) -> None:
    text = (
        "import os, sys\nnames = ['OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE', 'OMPI_COMM_WORLD_LOCAL_RANK', "
        "'AZ_BATCHAI_MPI_MASTER_NODE', 'AML_RANK']\nprint(*[os.environ[name] for name in names], *sys.argv[1:])\n"
    )
    run = folder.submit(text, arguments=["--lr", 1], distributed_job_config=MpiConfiguration(3))
    assert run.wait_for_completion()["status"] == "Completed"
    said = logs(run)
    assert said.pop("mpi_log.txt") == ""
    assert list(said.values()) == [f"{rank} 3 {rank} 127.0.0.1 {rank} --lr 1\n" for rank in range(3)]


@pytest.mark.parametrize("communicator", ["IntelMpi", "OpenMpi"])
def test_mpirun_over_two_nodes(folder: Folder, cluster: ComputeTarget, communicator: str) -> None:
    configuration = RunConfiguration(communicator=communicator)  # as it was said before MpiConfiguration
    configuration.target, configuration.node_count = cluster, 2
    configuration.mpi.process_count_per_node = 2
    configuration.command = "echo $AZ_BATCHAI_TASK_INDEX $OMPI_COMM_WORLD_SIZE $AZ_BATCH_MASTER_NODE"
    run = folder.experiment.submit(folder.config(run_config=configuration))
    assert run.wait_for_completion()["status"] == "Completed"
    said = logs(run)
    del said["mpi_log.txt"]
    assert [text.split(":")[0] for text in said.values()] == [f"{node} 4 127.0.0.1" for node in (0, 0, 1, 1)]


def test_a_rank_under_mpirun_fails(folder: Folder) -> None:
    text = PIDS + "if os.environ['AML_RANK'] == '1':\n    raise ValueError('bad')\ntime.sleep(300)\n"
    run = folder.submit(text, distributed_job_config=MpiConfiguration(2))
    ranks = pids(run, 2)
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "Rank 1: ValueError: bad (train.py:4)"
    assert not any(is_process(pid) for pid in ranks)


def test_mpirun_itself_fails(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMPI_MCA_rmaps", "no-such-mapper")
    run = folder.submit("1\n", distributed_job_config=MpiConfiguration(2))
    run.wait_for_completion(raise_on_error=False)
    assert run.get_status() == "Failed"
    assert reason(run).strip("-")


def test_mpi4py(folder: Folder, cluster: ComputeTarget) -> None:
    environment = Environment("mpi")
    version = "{}.{}".format(*sys.version_info[:2])
    environment.python.conda_dependencies = CondaDependencies.create(pip_packages=["mpi4py"], python_version=version)
    given = {"environment": environment, "distributed_job_config": MpiConfiguration(2, 2), "compute_target": cluster}
    head = "from mpi4py import MPI\nworld = MPI.COMM_WORLD\n"
    run = folder.submit(head + "print(world.allreduce(world.rank), 'of', world.size)\n", **given)
    assert run.wait_for_completion()["status"] == "Completed"
    assert [text for name, text in logs(run).items() if "process" in name] == ["6 of 4\n"] * 4
    tail = "if world.rank == 2:\n    raise ValueError('bad')\nworld.Barrier()\n"
    failing = folder.submit(head + tail, **given)
    failing.wait_for_completion(raise_on_error=False)
    assert reason(failing) == "Rank 2: ValueError: bad (train.py:4)"


def test_cancel_under_mpirun(folder: Folder) -> None:
    run = folder.submit(SLEEPING, distributed_job_config=MpiConfiguration(2))
    ranks = pids(run, 2)
    run.cancel()
    run.wait_for_completion(raise_on_error=False)
    assert run.get_status() == "Canceled"
    until(lambda: not any(is_process(pid) for pid in ranks))


def test_the_launcher_of_mpirun_is_killed(folder: Folder) -> None:
    run = folder.submit(SLEEPING, distributed_job_config=MpiConfiguration(2))
    ranks = pids(run, 2)
    lines = run.paths.launch_events(0).read_text().splitlines()
    os.kill(json.loads(lines[0])["pid"], signal.SIGKILL)
    run.wait_for_completion(raise_on_error=False)
    assert run.get_status() == "Failed"
    until(lambda: not any(is_process(pid) for pid in ranks))
