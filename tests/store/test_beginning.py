"""A line of short runs, over whole runs: every one is done, none twice, none lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parts.submitting import Folder, folder, is_process, pid_of_runner, pycache, said, until, workspace

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.store.locks import is_locked
from jupyter_ext.store.queueing.queue import Queue

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from jupyter_ext.core.workspaces.workspace import Workspace

__all__ = ["folder", "pycache", "workspace"]

WAIT = "import os, time\nprint('on', flush=True)\nwhile not os.path.exists('outputs/go'): time.sleep(0.02)\n"


def test_who_has_to_wait_is_no_process_and_starts_when_its_turn_comes(workspace: Workspace, folder: Folder) -> None:
    first = folder.running(WAIT)
    second, third = folder.submit("print(2)"), folder.submit("print(3)")
    assert [run.get_status() for run in (second, third)] == ["Queued", "Queued"]
    assert not is_locked(second.paths.runner_lock)
    assert third.get_detailed_status()["details"] == "2nd in line for local"
    second.cancel()
    until(lambda: second.get_status() == "Canceled")
    (first.paths.outputs / "go").touch()
    until(lambda: said(third) == "3\n")  # nobody looked at it
    third.wait_for_completion()
    assert Queue(workspace._catalogue).line("local") == []


def test_a_runner_that_is_free_goes_on_with_who_waits(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_FIRST", "yes")
    first = folder.running(WAIT)
    monkeypatch.delenv("OF_THE_FIRST")
    second = folder.submit("import os\nprint(os.environ.get('OF_THE_FIRST'), flush=True)\n" + WAIT)
    runner = pid_of_runner(first)
    (first.paths.outputs / "go").touch()
    until(lambda: said(second) == "None\non\n")
    assert pid_of_runner(second) == runner
    (second.paths.outputs / "go").touch()
    assert second.wait_for_completion()["status"] == "Completed"
    assert second.paths.runner_log.exists()
    until(lambda: not is_process(runner))


def test_many_short_runs_on_four_slots(workspace: Workspace, folder: Folder, tmp_path: Path) -> None:
    ComputeTarget.create(workspace, "four", AmlCompute.provisioning_configuration(max_nodes=4))
    ran = tmp_path / "ran"
    command = f'echo "$AZUREML_RUN_ID" >> {ran}'
    runs = [folder.submit(command=command, compute_target="four") for _ in range(40)]
    until(lambda: all(read_state(str(run.paths.root))["status"] == "Completed" for run in runs), 300)
    assert sorted(ran.read_text().split()) == sorted(run.id for run in runs)
    assert Queue(workspace._catalogue).line("four") == []
