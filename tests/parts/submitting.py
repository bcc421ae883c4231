"""A workspace of a test's own, a folder with scripts, and runs that do not outlive the test."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.store.locks import is_locked
from jupyter_ext.store.records import TERMINAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.store.catalogue import Catalogue

PATIENCE = 20.0


def until(true: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait until ``true()`` is; return what it gave."""
    deadline = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)
    return value


def statuses(run: Run) -> list[str]:
    """Return the states that a run has gone through."""
    text = run.paths.events.read_text()
    return [line.split('"status":"')[1].split('"')[0] for line in text.splitlines() if '"status"' in line]


def reason(run: Run) -> str:
    """Return why a run has failed."""
    return str(run.get_details()["error"]["error"]["message"])


def said(run: Run) -> str:
    """Return what the run's only rank has printed so far."""
    log = run.paths.user_logs / "std_log.txt"
    return log.read_text() if log.exists() else ""


def live_runs(catalogue: Catalogue) -> list[str]:
    """Return the runs that the catalogue believes have not ended."""
    return [row["run_id"] for row in catalogue.runs(children=True) if row["status"] not in TERMINAL]


def is_alive(run: Run) -> bool:
    """Tell whether a runner or a launcher of the run is alive."""
    return any(is_locked(lock) for lock in (run.paths.runner_lock, *run.paths.launch.glob("*.lock")))


def pid_of_runner(run: Run) -> int:
    """Return the process id of the run's runner, which has its lock open."""
    for file in Path("/proc").glob("[0-9]*/fd/*"):
        pid = int(file.parts[2])
        with contextlib.suppress(OSError):  # it is closed meanwhile
            if pid != os.getpid() and file.samefile(run.paths.runner_lock):
                return pid
    return 0


class Folder:
    """A source folder, and runs of its scripts."""

    def __init__(self, path: Path, workspace: Workspace) -> None:
        self.path = path
        self.experiment = Experiment(workspace, "exp")
        path.mkdir()

    def write(self, text: str, name: str = "train.py") -> str:
        """Write a script; return its name."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return name

    def config(self, text: str | None = None, **given: Any) -> ScriptRunConfig:
        """Describe a run of a script with this text."""
        if text is not None:
            given["script"] = self.write(text)
        return ScriptRunConfig(str(self.path), **given)

    def submit(self, text: str | None = None, **given: Any) -> Run:
        """Submit a run of a script with this text."""
        return self.experiment.submit(self.config(text, **given))

    def running(self, text: str, **given: Any) -> Run:
        """Submit a run, and wait until its script has printed a line."""
        run = self.submit(text, **given)
        until(lambda: "\n" in said(run) or run.get_status() in ("Failed", "Completed"))
        assert run.get_status() == "Running", reason(run)
        return run


@pytest.fixture(scope="session")
def pycache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where runners keep compiled modules, so that not every test's first run compiles them."""
    return tmp_path_factory.mktemp("pycache")


@pytest.fixture
def workspace(home: Path, pycache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace of this test's own; runs that are left in it are ended."""
    del home
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(pycache))
    made = Workspace.create("test-ws", show_output=False)
    yield made
    live = [made.get_run(run_id) for run_id in live_runs(made._catalogue) if made._catalogue.run_paths(run_id)]
    live = [run for run in live if run.paths.launch.is_dir()]
    for run in live:
        run.cancel()
    for run in live:
        run.wait_for_completion(raise_on_error=False)
    until(lambda: not any(is_alive(run) for run in live))


@pytest.fixture
def folder(tmp_path: Path, workspace: Workspace, no_engine: None) -> Folder:
    """A source folder, on a machine without a container engine."""
    del no_engine
    return Folder(tmp_path / "src", workspace)


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    path = tmp_path / "cwd"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def is_process(pid: int) -> bool:
    """Tell whether a process lives; one that has ended and was not asked about does not."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - not a path of ours
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
