"""What is killed in the middle of a run, and what becomes of the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from parts.submitting import Folder, is_process, pid_of_runner, reason, said, statuses, until

from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.locks import is_locked
from jupyter_ext.store.paths import WorkspacePaths

# prints and logs until it is told to end
COUNTING = """
import os, time
from azureml.core import Run
run, number = Run.get_context(), 0
while not os.path.exists("outputs/go"):
    print(number, flush=True)
    run.log("n", number)
    number += 1
    time.sleep(0.01)
print("the end", number)
"""
SLEEPING = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(300)\n"


def launcher(run: Run) -> int:
    events = [json.loads(line) for line in run.paths.launch_events(0).read_text().splitlines()]
    return int(next(event["pid"] for event in events if event["event"] == "launcher"))


def kill_runner(run: Run) -> None:
    pid = pid_of_runner(run)
    assert pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_locked(run.paths.runner_lock))


def make_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs count as old enough to be adopted at once; not before their own runner has started."""
    monkeypatch.setattr("jupyter_ext.store.runners._STARTING_SECONDS", 0.0)
    monkeypatch.setattr("jupyter_ext.core.runs.base._TEND_SECONDS", 0.3)


def test_the_runner_while_running(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    run = folder.running(COUNTING)
    make_old(monkeypatch)
    kill_runner(run)
    lines = len(said(run).splitlines())
    until(lambda: len(said(run).splitlines()) > lines)  # the script goes on
    assert run.get_status() == "Running"
    until(lambda: run.get_status() and is_locked(run.paths.runner_lock))  # the reader has started another runner
    (run.paths.outputs / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed"
    *numbers, end = said(run).splitlines()
    assert numbers == [str(number) for number in range(len(numbers))]
    assert end == f"the end {len(numbers)}"
    assert run.get_metrics()["n"] == list(range(len(numbers)))
    assert statuses(run) == ["NotStarted", "Preparing", "Queued", "Running", "Finalizing", "Completed"]


def test_the_runner_and_then_the_run_ends_with_nobody_there(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    run = folder.running("import time\nprint('on', flush=True)\ntime.sleep(0.5)\nraise ValueError('late')\n")
    make_old(monkeypatch)
    kill_runner(run)
    until(lambda: not is_locked(run.paths.launch_lock(0)))
    until(lambda: run.get_status() == "Failed")
    assert reason(run) == "ValueError: late (train.py:4)"


def test_the_runner_while_preparing(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_ext.store import beginning

    real = beginning.start_runner
    monkeypatch.setattr(beginning, "start_runner", lambda _: None)
    run = folder.submit("import os; print(os.environ['FOO_TOKEN'])\n", run_config=variables(FOO_TOKEN="kept"))
    (run.paths.work / "half").mkdir(parents=True)  # as a runner leaves it that was killed while it laid out
    monkeypatch.setattr(beginning, "start_runner", real)
    make_old(monkeypatch)
    assert run.wait_for_completion()["status"] == "Completed"
    assert said(run) == "kept\n"
    assert not (run.paths.work / "half").exists()


def test_the_runner_while_it_builds(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = Environment("built")
    version = "{}.{}".format(*sys.version_info[:2])
    environment.python.conda_dependencies = CondaDependencies.create(pip_packages=[], python_version=version)
    run = folder.submit("import sys; print(sys.prefix)\n", environment=environment)
    until(lambda: "Preparing" in statuses(run))
    kill_runner(run)
    make_old(monkeypatch)
    assert run.wait_for_completion()["status"] == "Completed"
    assert str(folder.experiment.workspace._paths.environments) in said(run)


def variables(**values: str) -> object:
    from jupyter_ext.core.submission.runconfig import RunConfiguration

    configuration = RunConfiguration()
    configuration.environment_variables = values
    return configuration


def test_the_runner_while_another_run_waits(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = folder.running(SLEEPING)
    second = folder.submit("print('my turn')\n")
    until(lambda: second.get_status() == "Queued")
    until(lambda: not is_locked(second.paths.runner_lock))  # a waiting run has no process
    make_old(monkeypatch)
    kill_runner(first)
    os.kill(launcher(first), signal.SIGKILL)
    assert second.wait_for_completion()["status"] == "Completed"  # only the second is looked at
    assert first.get_status() == "Failed"
    assert "launcher was killed" in reason(first)


def test_a_waiting_run_is_canceled_and_another_process_s_catalogue_lost(
    folder: Folder, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = folder.running(COUNTING)
    second, third = folder.submit("print('2')\n"), folder.submit("print('3')\n")
    until(lambda: [run.get_status() for run in (second, third)] == ["Queued"] * 2)
    make_old(monkeypatch)
    second.cancel()
    assert second.wait_for_completion()["status"] == "Canceled"
    until(lambda: not is_locked(second.paths.runner_lock))
    for file in workspace._paths.root.glob("catalogue.db*"):
        file.unlink()
    again = Workspace.get("test-ws").get_run(third.id)
    assert again.get_status() == "Queued"
    (first.paths.outputs / "go").touch()
    assert again.wait_for_completion()["status"] == "Completed"
    assert Workspace.get("test-ws").get_run(first.id).wait_for_completion()["status"] == "Completed"


def test_the_launcher(folder: Folder) -> None:
    run = folder.running(SLEEPING)
    rank = int(said(run))
    os.kill(launcher(run), signal.SIGKILL)
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "The run's launcher was killed."
    assert not is_process(rank)
    assert run.get_file_names()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (signal.SIGKILL, "The script was killed by signal 9 (SIGKILL). Often the machine ran out of memory."),
        (signal.SIGSEGV, "The script was killed by signal 11 (SIGSEGV)."),
        (signal.SIGRTMIN + 3, f"The script was killed by signal {signal.SIGRTMIN + 3}."),
    ],
)
def test_the_script(folder: Folder, number: int, text: str) -> None:
    run = folder.running(SLEEPING)
    os.kill(int(said(run)), number)
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == text


def test_a_script_that_ends_itself_without_a_word(folder: Folder) -> None:
    run = folder.submit("import sys; sys.exit(3)\n")
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "The script ended with exit code 3 and said nothing."


def test_what_a_script_said_last_is_not_taken_for_the_reason(folder: Folder) -> None:
    run = folder.submit("import os; print('all good', flush=True); os._exit(7)\n")
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "The script ended with exit code 7. Its last line: all good"


def test_the_process_that_submitted(folder: Folder, workspace: Workspace, home: Path) -> None:
    folder.write(COUNTING)
    code = (
        "import os, signal, sys\nfrom jupyter_ext.core.workspaces.workspace import Workspace\n"
        "from jupyter_ext.core.workspaces.experiment import Experiment\n"
        "from jupyter_ext.core.submission.script_run_config import ScriptRunConfig\n"
        "experiment = Experiment(Workspace.get('test-ws'), 'exp')\n"
        f"print(experiment.submit(ScriptRunConfig({str(folder.path)!r}, 'train.py')).id, flush=True)\n"
        "os.killpg(0, signal.SIGKILL)"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "AML_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert process.returncode == -signal.SIGKILL
    run = workspace.get_run(process.stdout.strip())
    until(lambda: said(run).count("\n") > 3)
    (run.paths.outputs / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed"


def test_it_runs_longer_than_it_may(folder: Folder) -> None:
    run = folder.submit(SLEEPING, max_run_duration_seconds=1)
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "It ran longer than max_run_duration_seconds allows (1 s)."
    assert not is_process(int(said(run)))


def test_cancel_of_a_script_that_will_not_end(folder: Folder) -> None:
    script = "import os, signal, subprocess, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    script += "subprocess.Popen(['sleep', '300'])\nprint(os.getpid(), flush=True)\n"
    script += "while True: time.sleep(1)\n"
    run = folder.running(script)
    began = time.monotonic()
    run.cancel()
    assert run.get_status() == "CancelRequested"
    run.wait_for_completion()
    assert run.get_status() == "Canceled"
    assert time.monotonic() - began < 15
    assert not is_process(int(said(run)))


def test_cancel_before_it_starts(folder: Folder) -> None:
    run = folder.submit(SLEEPING)
    run.cancel()
    assert run.wait_for_completion()["status"] == "Canceled"
    until(lambda: not is_locked(run.paths.runner_lock))
    assert not run.paths.handed.exists()


def test_a_run_json_that_cannot_be_read_stops_no_other_run(folder: Folder, workspace: Workspace) -> None:
    broken = workspace._paths.runs / "broken"
    broken.mkdir(parents=True)
    (broken / "run.json").write_text("{")
    assert folder.submit("print(1)\n").wait_for_completion()["status"] == "Completed"
    assert len(list(Catalogue(WorkspacePaths(workspace._paths.root)).runs())) == 1


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of 12 MB."""
    if os.geteuid():
        pytest.skip("needs root, to mount a small disk")
    path = tmp_path / "disk"
    path.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(path)], check=False).returncode:
        pytest.skip("this machine does not let root mount a file system")
    monkeypatch.setenv("AML_HOME", str(path))
    return path


@pytest.fixture
def unmount(small_disk: Path) -> object:
    yield None
    subprocess.run(["umount", "-l", str(small_disk)], check=True)


@pytest.mark.usefixtures("unmount")
@pytest.mark.parametrize("catches", [False, True])
def test_the_disk_is_full(
    small_disk: Path, tmp_path: Path, pycache: Path, monkeypatch: pytest.MonkeyPatch, catches: bool
) -> None:
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(pycache))
    folder = Folder(tmp_path / "src", Workspace.create("test-ws", show_output=False))
    script = (
        "import sys\nprint('begins', flush=True)\nfile = open('outputs/big', 'wb', buffering=0)\n"
        "try:\n    while True: file.write(b'x' * 65536)\nexcept OSError:\n"
    )
    run = folder.submit(script + ("    sys.exit(7)\n" if catches else "    raise\n"))
    run.wait_for_completion(raise_on_error=False)
    assert run.get_status() == "Failed"
    assert "No space is left" in reason(run)
    assert said(run).startswith("begins\n")
    until(lambda: not is_locked(run.paths.runner_lock))
    (run.paths.outputs / "big").unlink()
    again = folder.submit("print('space again')\n")
    assert again.wait_for_completion()["status"] == "Completed"
    assert small_disk.exists()
