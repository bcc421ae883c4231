from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from parts.submitting import live_runs

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event, read_state
from jupyter_ext.store import runners
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.locks import Lock, is_locked
from jupyter_ext.store.paths import RunPaths, WorkspacePaths
from jupyter_ext.store.records import RunSpec, encode, write_once

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs for which a runner would have been started."""
    run_ids: list[str] = []
    monkeypatch.setattr(runners, "start_runner", lambda paths: run_ids.append(paths.run_id))
    return run_ids


@pytest.fixture
def paths(home: Path) -> WorkspacePaths:
    return WorkspacePaths(home / "ws")


def make_run(paths: WorkspacePaths, *statuses: str, age: float = 60, notebook: bool = False) -> RunPaths:
    run = paths.run("r")
    (run.root if notebook else run.launch).mkdir(parents=True)
    spec = RunSpec(run_id="r", experiment="e", workspace="ws", type="t", created=time.time() - age)
    write_once(run.run_json, encode(spec))
    for status in statuses:
        append_event(str(run.root), status=status)
    return run


@pytest.mark.parametrize("status", ["NotStarted", "Preparing", "Running", "Finalizing", "CancelRequested"])
def test_a_run_whose_runner_is_gone_gets_another(paths: WorkspacePaths, started: list[str], status: str) -> None:
    run = make_run(paths, status)
    runners.tend(run, Catalogue(paths))
    assert started == ["r"]


def test_a_run_that_needs_none_gets_none(paths: WorkspacePaths, started: list[str]) -> None:
    run = make_run(paths, "Running")
    lock = Lock(run.runner_lock)
    lock.acquire()
    runners.tend(run, Catalogue(paths))
    lock.release()
    append_event(str(run.root), status="Completed")
    runners.tend(run, Catalogue(paths))
    assert started == []


def test_a_run_that_starts_is_left_alone(paths: WorkspacePaths, started: list[str]) -> None:
    runners.tend(make_run(paths, "NotStarted", age=0), Catalogue(paths))
    assert started == []


def test_a_waiting_run_that_lost_its_place_gets_another(paths: WorkspacePaths, started: list[str]) -> None:
    catalogue = Catalogue(paths)
    next(catalogue.runs(), None)  # it is made before the run
    run = make_run(paths, "Queued")
    catalogue.index(run)
    runners.tend(run, catalogue)
    assert started == ["r"]


def test_the_catalogue_is_set_straight(paths: WorkspacePaths, started: list[str]) -> None:
    catalogue = Catalogue(paths)
    run = make_run(paths, "Running")
    catalogue.index(run)
    append_event(str(run.root), status="Failed")
    runners.tend(run, catalogue)
    assert live_runs(catalogue) == started == []


def test_cancel(paths: WorkspacePaths, started: list[str]) -> None:
    run = make_run(paths, "Running")
    runners.request_cancel(run)
    assert (read_state(str(run.root))["status"], started) == ("CancelRequested", ["r"])
    append_event(str(run.root), status="Canceled")
    size = run.events.stat().st_size
    runners.request_cancel(run)
    assert run.events.stat().st_size == size


def test_a_notebooks_own_run_needs_no_runner(paths: WorkspacePaths, started: list[str]) -> None:
    run = make_run(paths, "Running", notebook=True)
    runners.tend(run, Catalogue(paths))
    assert read_state(str(run.root))["status"] == "Running"
    Lock(run.runner_lock).acquire()
    runners.request_cancel(run)
    assert (read_state(str(run.root))["status"], started) == ("Canceled", [])


def test_children_end_with_their_parent(paths: WorkspacePaths) -> None:
    run = make_run(paths, "Running")
    child = RunPaths(run.children / "kid")
    child.root.mkdir(parents=True)
    child.run_json.write_text('{"run_id": "kid", "experiment": "e", "workspace": "w", "type": null, "created": 1}')
    append_event(str(child.root), status="Running")
    catalogue = Catalogue(paths)
    runners.tend(child, catalogue)
    assert read_state(str(child.root))["status"] == "Running"
    append_event(str(run.root), status="Failed")
    runners.tend(child, catalogue)
    state = read_state(str(child.root))
    assert (state["status"], state["reason"]) == ("Failed", "Its parent run ended Failed.")


def test_a_run_gets_one_runner_however_many_start_it(paths: WorkspacePaths, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(paths, "Queued")
    run.system_logs.mkdir()
    inherited: list[int] = []
    monkeypatch.setattr(runners, "_spawn", lambda _, files: inherited.append(os.dup(files[runners.RUNNER_LOCK_FD])))
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(runners.start_runner, [run] * 20))
    (fd,) = inherited
    os.close(fd)
    assert not is_locked(run.runner_lock)
    runners.start_runner(run)
    assert len(inherited) == 2
    os.close(inherited[1])


def test_a_spare_runner_waits_and_ends_with_its_keeper(home: Path) -> None:
    home.mkdir()
    spare = runners._Spare()
    spare.keep()
    spare.keep()
    assert spare._socket is not None
    spare._socket.close()
    spare._socket = None
    assert not spare.give(RunPaths(home), Lock(home))
