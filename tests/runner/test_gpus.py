"""GPUs are leased to runs, across targets and workspaces, through a driver that the tests have compiled."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest
from parts import submitting
from parts.nvml import cards
from parts.submitting import Folder, pid_of_runner, reason, said

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.runs.again import submit_again
from jupyter_ext.core.submission.gpus import gpus_per_node
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.engines.container import ContainerNode
from jupyter_ext.runner.gpus import gpu_variables
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.records import read_records
from jupyter_ext.store.queueing.gpu_leases import Book, holders
from jupyter_ext.store.queueing.nvml import gpu_count
from jupyter_ext.store.records import LaunchSpec, RunSpec, read_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_ext.core.runs.run import Run

    Cards = Callable[..., None]

__all__ = ["cards"]

until = partial(submitting.until, seconds=90)
SEEN = "import os, time\nprint(os.environ.get('CUDA_VISIBLE_DEVICES'), flush=True)\n"
WAIT = SEEN + "while not os.path.exists('outputs/go'): time.sleep(0.02)\n"


def target(workspace: Workspace, **given: object) -> str:
    ComputeTarget.create(workspace, "gpus", AmlCompute.provisioning_configuration(**given))  # type: ignore[arg-type]
    return "gpus"


def let_go(*runs: Run) -> None:
    for run in runs:
        (run.paths.outputs / "go").touch()
        run.wait_for_completion()


def submit(folder: Folder, text: str, gpus: int | None = None, nodes: int = 1, **given: object) -> Run:
    config = folder.config(text, **given)
    config.run_config.gpus_per_node = gpus
    config.run_config.node_count = nodes
    return folder.experiment.submit(config)


def test_each_run_sees_its_own(workspace: Workspace, folder: Folder, cards: Cards) -> None:
    cards(4)
    gpus = target(workspace, vm_size="Standard_NC12", max_nodes=3)
    first, second = (folder.submit(WAIT, compute_target=gpus) for _ in range(2))
    until(lambda: "\n" in said(first) and "\n" in said(second))
    assert sorted((said(first), said(second))) == ["0,1\n", "2,3\n"]
    third = folder.submit(WAIT, compute_target=gpus)
    until(lambda: "waits for 2 GPUs of" in str(third.get_detailed_status()["details"]))
    assert sorted(set(holders().values())) == sorted((first.id, second.id))
    let_go(first)
    until(lambda: said(third) == said(first))
    let_go(second, third)
    assert holders() == {}
    assert read_record(third.paths.run_json, RunSpec).gpus_per_node == 2  # type: ignore[union-attr]


def test_nodes_of_a_gang_have_different_ones(workspace: Workspace, folder: Folder, cards: Cards) -> None:
    cards(3)
    gpus = target(workspace, max_nodes=3)
    run = submit(folder, SEEN, nodes=2, compute_target=gpus)
    run.wait_for_completion()
    logs = sorted(run.paths.user_logs.iterdir())
    assert [log.read_text() for log in logs] == ["0\n", "1\n"]


def test_workspaces_share_what_the_machine_has(
    workspace: Workspace, folder: Folder, cards: Cards, tmp_path: Path
) -> None:
    cards(1)
    assert workspace
    other = Folder(tmp_path / "other", Workspace.create("other-ws", show_output=False))
    first, second = folder.running(WAIT), other.submit(WAIT)
    until(lambda: second.get_status() == "Queued")
    assert f"waits for 1 GPU of {first.id}" in second.get_detailed_status()["details"]
    free = submit(other, SEEN, gpus=0, compute_target=target(other.experiment.workspace, max_nodes=1))
    free.wait_for_completion()
    assert said(free) == "\n"
    let_go(first)
    until(lambda: said(second) == "0\n")  # nobody has looked at it
    let_go(second)


def test_a_run_killed_with_its_runner_gives_its_gpus_back(workspace: Workspace, folder: Folder, cards: Cards) -> None:
    cards(1)
    gpus = target(workspace, max_nodes=2)
    killed = folder.running(WAIT, compute_target=gpus)
    waiting = folder.submit(SEEN, compute_target=gpus)
    until(lambda: waiting.get_status() == "Queued")
    until(lambda: time.time() - killed.paths.run_json.stat().st_mtime > 5)  # its lease is no longer young
    events = list(read_records(str(killed.paths.launch_events(0))))
    os.kill(pid_of_runner(killed), signal.SIGKILL)
    for event in events:
        if "pid" in event:
            os.kill(event["pid"], signal.SIGKILL)
    waiting.wait_for_completion()
    assert said(waiting) == "0\n"
    assert killed.get_status() == "Failed"


@pytest.mark.parametrize(
    ("there", "gpus", "nodes", "said"),
    [
        (0, 1, 1, "1 GPU is asked for and this machine has none"),
        (2, 3, 1, "3 GPUs are asked for and this machine has 2"),
        (2, 2, 2, "2 GPUs on each of 2 nodes are asked for and this machine has 2"),
        (2, -1, 1, "gpus_per_node is a whole number from 0 on, not -1"),
    ],
)
def test_what_is_not_there_is_refused(
    workspace: Workspace, folder: Folder, cards: Cards, there: int, gpus: int, nodes: int, said: str
) -> None:
    cards(there)
    name = target(workspace, max_nodes=4)
    with pytest.raises(UserErrorException, match=said):
        submit(folder, SEEN, gpus=gpus, nodes=nodes, compute_target=name)
    assert list(workspace._catalogue.runs()) == []


def test_a_run_that_would_wait_for_ever_fails(workspace: Workspace, folder: Folder, cards: Cards) -> None:
    cards(2)
    first = submit(folder, SEEN, gpus=2)
    first.wait_for_completion()
    cards(1)  # one was taken out
    again = submit_again(first)
    again.wait_for_completion(raise_on_error=False)
    assert reason(again) == "It needs 2 GPUs and this machine has 1: submit it with --gpus 1."
    assert holders() == {}


def test_a_container_is_given_its_own_cards_by_id(
    workspace: Workspace, folder: Folder, cards: Cards, engine: str, base_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This machine's engine can start no container with a card, so what it was asked for is read."""
    monkeypatch.setenv("DOCKER_HOST", engine)
    cards(2)
    name = target(workspace, max_nodes=2)
    environment = Environment("in-image")
    environment.docker.base_image = base_image
    environment.python.user_managed_dependencies = True
    config = folder.config(SEEN, compute_target=name, environment=environment)
    config.run_config.docker.arguments = ["--gpus", "all"]  # both, which are the queue's to give
    config.run_config.docker.use_docker = True
    asked = gpus_per_node(config.run_config, workspace._paths, 1)
    config.run_config.gpus_per_node = 1
    run = folder.experiment.submit(config)
    run.wait_for_completion()
    spec = read_record(run.paths.launch_spec(0), LaunchSpec)
    assert asked == 2
    assert spec is not None
    assert spec.gpus == ["GPU-stub-0"]
    assert "CUDA_VISIBLE_DEVICES" not in spec.env
    options = ContainerNode(run.paths, 0)._gpus(environment := {})
    assert environment == {"NVIDIA_VISIBLE_DEVICES": "GPU-stub-0"}
    assert options["device_requests"][0]["DeviceIDs"] == ["GPU-stub-0"]
    assert "the engine gives containers no GPU" in run.paths.events.read_text()


def test_a_runner_that_serves_several_notebooks_sees_what_each_does(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards(3)
    spec = RunSpec(run_id="r", experiment="e", workspace="w", type=None, created=1.0)
    for visible, count in (("0", 1), ("1,2", 2)):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        assert (gpu_count(), len(Book().free())) == (count, count)
        # another process, which sees others, may have given this one
        assert gpu_variables(spec, ["GPU-stub-0"])["CUDA_VISIBLE_DEVICES"] == "0"


def test_a_size_says_what_a_node_has(
    workspace: Workspace, folder: Folder, cards: Cards, capsys: pytest.CaptureFixture[str]
) -> None:
    cards(2)
    name = target(workspace, vm_size="Standard_NC24", max_nodes=2)
    assert "gpus: STANDARD_NC24 has 4 GPUs and this machine has 2: that is what a node gets." in capsys.readouterr().out
    run = folder.submit(SEEN, compute_target=name)
    run.wait_for_completion()
    assert said(run) == "0,1\n"
    name = target(workspace, vm_size="Standard_D2_v2", max_nodes=2)
    run = folder.submit(SEEN, compute_target=name)
    run.wait_for_completion()
    assert said(run) == "\n"


def test_a_lost_card_is_given_to_nobody(workspace: Workspace, folder: Folder, cards: Cards) -> None:
    cards(2)
    folder.submit(SEEN).wait_for_completion()
    cards(2, NVML_STUB_LOST="0")
    run = submit(folder, SEEN, gpus=1, compute_target=target(workspace, max_nodes=1))
    run.wait_for_completion()
    assert said(run) == "1\n"


def test_samples_hold_the_gpus_of_the_run_and_its_processes(
    workspace: Workspace, folder: Folder, cards: Cards, tmp_path: Path
) -> None:
    listed = tmp_path / "processes"
    listed.touch()
    cards(2, NVML_STUB_PROCESSES=str(listed))
    text = f"""
import os, time
with open({str(listed)!r}, "w") as file:
    file.write(f"1 {{os.getpid()}}\\n1 1\\n")
{WAIT}"""
    name = target(workspace, max_nodes=2)
    first = folder.running(WAIT, compute_target=name)
    run = folder.running(text, compute_target=name)
    until(lambda: run.paths.nodes.exists() and '"pid"' in run.paths.nodes.read_text())
    frame = run.node_samples()
    let_go(first, run)
    last = frame.iloc[-1]
    assert (last["node"], last["gpu"], last["gpu_name"]) == (0, 1, "Stub 1")
    assert (last["gpu_util_percent"], last["gpu_temp_celsius"], last["gpu_clock_mhz"]) == (20, 41, 1981)
    assert last["gpu_power_watts"] == 123.456
    (own,) = next(one for one in frame["gpu_processes"] if one)
    assert own["name"].startswith("python")
    assert set(frame["gpu"]) == {1}
