from __future__ import annotations

import pytest
from parts.submitting import Folder, said, until

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.managing import find_compute, remove_compute, scale_compute
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException, UserErrorException
from jupyter_ext.store.queueing.queue import Queue

WAIT = "import os, time\nprint('on', flush=True)\nwhile not os.path.exists('outputs/go'): time.sleep(0.02)\n"


def made(workspace: Workspace, **given: object) -> AmlCompute:
    configuration = AmlCompute.provisioning_configuration(**{"max_nodes": 1, **given})  # type: ignore[arg-type]
    target = ComputeTarget.create(workspace, "cpu-cluster", configuration)
    assert isinstance(target, AmlCompute)
    return target


def test_the_idiom_of_every_notebook(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        target = ComputeTarget(workspace=workspace, name="gpu-cluster")
    except ComputeTargetException as error:
        assert error.message.startswith("ComputeTargetNotFound: ")  # noqa: PT017 - it is the idiom
        configuration = AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", max_nodes=4)
        target = ComputeTarget.create(workspace, "gpu-cluster", configuration)
        target.wait_for_completion(show_output=True)  # type: ignore[attr-defined]
    assert capsys.readouterr().out == (
        "Succeeded\nAmlCompute wait for completion finished\n\n"
        "Minimum number of nodes requested have been provisioned\n"
    )
    assert isinstance(ComputeTarget(workspace, "gpu-cluster"), AmlCompute)
    assert isinstance(AmlCompute(workspace, "gpu-cluster"), AmlCompute)
    assert list(workspace.compute_targets) == ["gpu-cluster"]
    assert target.type == "AmlCompute"


def test_status_has_v1s_keys(workspace: Workspace) -> None:
    status = made(workspace, vm_size="Standard_D2_v2", min_nodes=1, max_nodes=4).get_status().serialize()
    assert set(status) == {
        "currentNodeCount",
        "targetNodeCount",
        "nodeStateCounts",
        "allocationState",
        "allocationStateTransitionTime",
        "errors",
        "creationTime",
        "modifiedTime",
        "provisioningState",
        "provisioningStateTransitionTime",
        "scaleSettings",
        "vmPriority",
        "vmSize",
    }
    assert status["nodeStateCounts"] == {
        "preparingNodeCount": 0,
        "runningNodeCount": 0,
        "idleNodeCount": 1,
        "unusableNodeCount": 0,
        "leavingNodeCount": 0,
        "preemptedNodeCount": 0,
    }
    assert status["scaleSettings"] == {
        "minNodeCount": 1,
        "maxNodeCount": 4,
        "nodeIdleTimeBeforeScaleDown": "PT1800S",
    }
    assert (status["vmSize"], status["vmPriority"], status["errors"]) == ("STANDARD_D2_V2", "Dedicated", None)


def test_a_target_tells_its_own_size_and_priority(workspace: Workspace) -> None:
    target = made(workspace, vm_priority="lowpriority", min_nodes=1, max_nodes=4, idle_seconds_before_scaledown=60)
    assert target.vm_priority == target.get_status().vm_priority == "LowPriority"
    sizes = {"minNodeCount": 1, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT60S"}
    assert target.scale_settings == target.get_status().scale_settings == sizes


def test_a_size_with_a_gpu_is_said_to_be_missing(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    from jupyter_ext.store.queueing.nvml import gpu_count

    made(workspace, vm_size="STANDARD_NC6")
    expected = (
        "" if gpu_count() else "cpu-cluster: STANDARD_NC6 has a GPU and this machine has none: runs use its CPU.\n"
    )
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "max_nodes must be given"),
        ({"max_nodes": -1}, "cannot be negative"),
        ({"max_nodes": 0}, "at least 1"),
        ({"max_nodes": 2, "min_nodes": 3}, r"at least min_nodes \(3\)"),
        ({"max_nodes": 2, "min_nodes": -1}, "min_nodes is -1"),
        ({"max_nodes": "many"}, "a whole number, not 'many'"),
    ],
)
def test_what_cannot_be_provisioned(given: dict[str, object], message: str) -> None:
    with pytest.raises(ComputeTargetException, match=message):
        AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", **given)  # type: ignore[arg-type]


def test_numbers_may_be_text_and_a_size_may_be_left_out(workspace: Workspace) -> None:
    assert made(workspace, vm_size=None, max_nodes="3").get_status().scale_settings["maxNodeCount"] == 3


@pytest.mark.parametrize("name", ["local", "AmlCompute", "containerinstance"])
def test_names_that_v1_keeps(workspace: Workspace, name: str) -> None:
    with pytest.raises(UserErrorException, match="reserved name"):
        ComputeTarget.create(workspace, name, AmlCompute.provisioning_configuration(max_nodes=1))


@pytest.mark.parametrize("name", ["", "a", "1abc", "a_b", "a b", "../x", "a" * 33, "abc\n"])
def test_names_that_cannot_be(workspace: Workspace, name: str) -> None:
    with pytest.raises(ComputeTargetException, match="cannot be a compute target's name"):
        ComputeTarget.create(workspace, name, AmlCompute.provisioning_configuration(max_nodes=1))
    assert workspace.compute_targets == {}


def test_update_delete_detach(workspace: Workspace) -> None:
    target = made(workspace, max_nodes=2, tags={"a": "b"})
    target.update(max_nodes=5, idle_seconds_before_scaledown=60)
    modified = target.get_status().modified_time
    target.update()
    assert target.get_status().modified_time == modified
    settings = AmlCompute(workspace, "cpu-cluster").get_status().scale_settings
    assert settings == {"minNodeCount": 0, "maxNodeCount": 5, "nodeIdleTimeBeforeScaleDown": "PT60S"}
    assert target.serialize()["tags"] == {"a": "b"}
    with pytest.raises(ComputeTargetException, match="max_nodes is 1"):
        target.update(min_nodes=3, max_nodes=1)
    with pytest.raises(ComputeTargetException, match=r"delete\(\)"):
        target.detach()
    target.delete()
    with pytest.raises(ComputeTargetException, match="ComputeTargetNotFound"):
        ComputeTarget(workspace, "cpu-cluster")
    with pytest.raises(ComputeTargetException, match="has been deleted"):
        target.get_status()


def test_runs_on_a_target_take_its_slots_in_turn(workspace: Workspace, folder: Folder) -> None:
    target = made(workspace, max_nodes=1)
    runs = [folder.submit(WAIT, compute_target=target) for _ in range(3)]
    until(lambda: "on" in said(runs[0]))
    until(lambda: [run.get_status() for run in runs] == ["Running", "Queued", "Queued"])
    until(lambda: runs[2].get_detailed_status()["details"] == "2nd in line for cpu-cluster")
    assert target.get_status().node_state_counts["runningNodeCount"] == 1
    assert [node["runId"] for node in target.list_nodes()] == [runs[0].id]
    with pytest.raises(ComputeTargetException, match="has 3 runs"):
        remove_compute(workspace, "cpu-cluster")
    told = find_compute(workspace, "cpu-cluster")
    assert (told["nodes_in_use"], told["running"]) == (1, [runs[0].id])
    assert told["waiting"] == [runs[1].id, runs[2].id]
    runs[1].cancel()
    until(lambda: runs[1].get_status() == "Canceled")
    scale_compute(workspace, "cpu-cluster", 2)  # the line moves, though nobody looks at the run
    until(lambda: "on" in said(runs[2]))
    for run in (runs[0], runs[2]):
        (run.paths.outputs / "go").touch()
        run.wait_for_completion()
    assert [run.get_status() for run in runs] == ["Completed", "Canceled", "Completed"]
    target.delete()


def test_a_run_that_needs_more_than_there_is_by_now_is_told_and_holds_nobody_up(
    workspace: Workspace, folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    target = made(workspace, max_nodes=2)
    running = folder.running(WAIT, compute_target=target)
    config = folder.config(compute_target=target, command="true")
    config.run_config.node_count = 2
    wide = folder.experiment.submit(config)
    scale_compute(workspace, "cpu-cluster", 1)
    assert f"these runs need more nodes than cpu-cluster has now, and wait until it has as many: {wide.id} (2)." in (
        capsys.readouterr().out
    )
    small = folder.submit("print('small')", compute_target=target)
    until(lambda: "needs 2 nodes, and cpu-cluster has 1" in str(wide.get_detailed_status()["details"]))
    (running.paths.outputs / "go").touch()
    assert small.wait_for_completion()["status"] == "Completed"
    scale_compute(workspace, "cpu-cluster", 2)
    assert wide.wait_for_completion()["status"] == "Completed"


def test_a_run_that_has_just_ended_is_in_nobody_s_way(workspace: Workspace, folder: Folder) -> None:
    target = made(workspace)
    run = folder.submit("print()\n", compute_target=target)
    run.wait_for_completion()
    Queue(workspace._catalogue).enter(run.id, target.name, 1)  # as long as its runner has not left the line yet
    target.delete()
    assert not workspace.compute_targets


def test_idle_nodes_are_told_and_what_does_not_come_is_said(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    target = made(workspace, min_nodes=1, max_nodes=2)
    (node,) = target.list_nodes()
    assert (node["nodeState"], node["runId"]) == ("idle", None)
    target.wait_for_completion(show_output=True, min_node_count=2, timeout_in_minutes=20)
    assert capsys.readouterr().out == (
        "Succeeded\nAmlCompute wait for completion finished\n\nWait timeout has been reached\n"
        'Current provisioning state of AmlCompute is "Succeeded" and current node count is "1"\n'
    )
    target.wait_for_completion(min_node_count=2)
    assert capsys.readouterr().out == ""


def test_usages_count_nodes(workspace: Workspace, folder: Folder) -> None:
    target = made(workspace, max_nodes=3)
    config = folder.config(WAIT, compute_target=target)
    config.run_config.node_count = 2
    run = folder.experiment.submit(config)
    until(lambda: run.get_status() == "Running")
    (usage,) = AmlCompute.list_usages(workspace)
    assert (usage["current_value"], usage["limit"]) == (2, 3)
    run.cancel()


def test_node_counts_follow_the_runs(workspace: Workspace, folder: Folder) -> None:
    target = made(workspace, max_nodes=3)
    first = folder.running(WAIT, compute_target=target)
    config = folder.config(WAIT, compute_target=target)
    config.run_config.node_count = 3
    wide = folder.experiment.submit(config)
    until(lambda: wide.get_status() == "Queued")
    status = target.get_status()
    assert (status.current_node_count, status.target_node_count) == (3, 3)
    assert (status.node_state_counts["runningNodeCount"], status.node_state_counts["idleNodeCount"]) == (1, 2)
    assert [node["runId"] for node in target.list_nodes()] == [first.id, None, None]
    assert [run.id for run in target.get_active_runs()] == [wide.id, first.id]
    wide.cancel()
    (first.paths.outputs / "go").touch()
    for run in (first, wide):
        run.wait_for_completion()
    until(lambda: target.get_status().current_node_count == 0)
