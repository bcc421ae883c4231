"""``jupyter aml doctor``, after a catalogue was deleted or damaged, a runner was killed, a file was left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from parts.submitting import Folder, folder, in_folder, pid_of_runner, pycache, until, workspace

from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import WorkspaceException
from jupyter_ext.store.locks import is_locked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["folder", "in_folder", "pycache", "workspace"]


def doctor(*arguments: str, code: int = 0) -> dict[str, list[tuple[str, str]]]:
    """Call it; return what it found: (state, sentence) by what was looked at."""
    command = [sys.executable, "-m", "jupyter_ext.commands.terminal", "doctor", "--json", *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert answer.returncode == code, answer.stderr + answer.stdout
    found: dict[str, list[tuple[str, str]]] = {}
    for one in json.loads(answer.stdout):
        found.setdefault(one["what"], []).append((one["state"], one["told"]))
    return found


def make_old(path: Path) -> Path:
    os.utime(path, (time.time() - 3600,) * 2)
    return path


@pytest.fixture
def three(folder: Folder) -> list[str]:
    """Three runs that have ended, and one that was made by one of them; the newest first."""
    parent = folder.config("from azureml.core import Run\nRun.get_context().child_run('inner').complete()\n")
    folder.experiment.submit(parent, tags={"a": "1"})
    folder.submit("raise SystemExit(3)\n")
    folder.submit("print(1)\n")
    for run in folder.experiment.get_runs():
        run.wait_for_completion(raise_on_error=False)
        list(run.get_children())
    return everything(folder.experiment.workspace)


def everything(workspace: Workspace) -> list[str]:
    again = Workspace.get(workspace.name)
    runs = Experiment(again, "exp").get_runs(include_children=True)
    return [f"{run.number} {run.id} {run.get_status()} {run.tags} {run.parent and run.parent.id}" for run in runs]


def test_a_sound_machine(folder: Folder, three: list[str]) -> None:
    found = doctor()
    assert [state for state, _ in found["test-ws: catalogue"]] == ["ok"]
    assert {state for what in ("versions", "home", "disk", "test-ws") for state, _ in found[what]} == {"ok"}
    assert found["engine"][0][0] == "note"  # these tests have none


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def scribble(file: Path) -> None:
    file.write_bytes(os.urandom(file.stat().st_size))


def spoil_a_page(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * 3000)


@pytest.mark.parametrize("spoil", [cut, scribble, spoil_a_page])
def test_a_damaged_catalogue_is_made_again(
    workspace: Workspace, three: list[str], spoil: Callable[[Path], None]
) -> None:
    assert len(three) == 4
    stored = rows(workspace, "objects")
    spoil(checkpointed(workspace))
    assert doctor("--dry-run", code=1)["test-ws: catalogue"][0][0] == "wrong"
    assert "is made again" in doctor()["test-ws: catalogue"][0][1]
    assert everything(workspace) == three
    assert rows(workspace, "objects") == stored
    assert list(workspace._paths.root.glob("catalogue.db.damaged-*"))
    assert doctor()["test-ws: catalogue"][0][0] == "ok"


def test_a_deleted_catalogue_is_made_again(workspace: Workspace, three: list[str]) -> None:
    checkpointed(workspace).unlink()
    assert doctor("--dry-run")["test-ws: catalogue"][0][0] == "note"
    assert doctor()["test-ws: catalogue"][0][0] == "mended"
    assert everything(workspace) == three


def test_a_notebook_goes_on_where_its_catalogue_was_made_again(workspace: Workspace, three: list[str]) -> None:
    runs = Experiment(workspace, "exp").get_runs
    assert len(list(runs(include_children=True))) == 4
    scribble(checkpointed(workspace))
    doctor()
    assert len(list(runs(include_children=True))) == 4
    run = Experiment(workspace, "exp").start_logging(outputs=False, snapshot_directory=None)
    run.complete()
    assert len(everything(workspace)) == 5


def test_where_it_is_damaged_the_message_names_the_remedy(workspace: Workspace, three: list[str]) -> None:
    scribble(checkpointed(workspace))
    with pytest.raises(WorkspaceException, match="jupyter aml doctor"):
        list(Experiment(Workspace.get("test-ws"), "exp").get_runs())


def test_rows_that_differ_from_the_directories_are_set_right(workspace: Workspace, three: list[str]) -> None:
    catalogue = workspace._catalogue
    newest, middle, *_ = [run.id for run in Experiment(workspace, "exp").get_runs()]
    catalogue.set_status(newest, "Running")
    catalogue.forget(middle)
    told = doctor()["test-ws: catalogue"][0]
    assert told[0] == "mended"
    assert f"{newest} was Running there and is Completed" in told[1]
    assert f"{middle} was missing" in told[1]
    assert everything(workspace) == three


def test_a_run_whose_runner_was_killed_is_taken_care_of(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_ext.core.runs.base._TEND_SECONDS", 1e9)
    script = "import os, time\nprint('on', flush=True)\nwhile not os.path.exists('outputs/go'): time.sleep(0.05)\n"
    run = folder.running(script)
    for pid in (pid_of_runner(run), json.loads(run.paths.launch_events(0).read_text().splitlines()[0])["pid"]):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not is_locked(run.paths.runner_lock) and not is_locked(run.paths.launch_lock(0)))
    make_old(run.paths.events)
    assert doctor("--dry-run")[f"test-ws: {run.id}"][0][0] == "note"
    written = json.loads(run.paths.run_json.read_text())
    run.paths.run_json.write_text(json.dumps({**written, "created": written["created"] - 60}))
    assert doctor()[f"test-ws: {run.id}"][0][0] == "mended"
    until(lambda: run.get_status() == "Failed")


def test_half_made_things_are_told(workspace: Workspace, three: list[str]) -> None:
    paths = workspace._paths
    made = {
        paths.run("cut_off").user_logs: "cut off before there was a run",
        paths.environments / "1234": "did not end well",
        paths.models / "birds" / ".new-1": "registration was cut off",
    }
    for place in made:
        place.mkdir(parents=True)
    (paths.environments / "1234" / "build.log").write_text("half")
    run_id = next(iter(Experiment(workspace, "exp").get_runs())).id
    upload = paths.run(run_id).artifacts / ".uploading" / "1-2"
    upload.parent.mkdir(parents=True)
    upload.write_text("half")
    pack = paths.objects / ".1.pack"
    pack.write_text("half")
    unreadable = paths.run("unreadable")
    unreadable.root.mkdir()
    unreadable.run_json.write_text("{")
    handed = paths.root / "handed" / run_id
    handed.parent.mkdir(exist_ok=True)
    handed.write_text("{}")
    for path in (*made, paths.run("cut_off").root, upload, pack, handed):
        make_old(path)
    found = doctor()
    told = " ".join(sentence for _, sentence in found["test-ws: half-made"])
    for words in (*made.values(), "upload that was cut off", "snapshot that was cut off", "cannot be read"):
        assert words in told
    assert {state for state, _ in found["test-ws: half-made"]} == {"note"}
    assert found["test-ws: handed over"][0][0] == "mended"
    assert not handed.exists()
    assert pack.exists()


def test_a_home_that_others_may_write_to(workspace: Workspace) -> None:
    home = workspace._paths.root.parent
    home.chmod(0o777)
    state, told = doctor(code=1)["home"][0]
    assert state == "wrong"
    assert told.endswith("chmod go-w it.")


def test_plain_output_and_one_workspace(workspace: Workspace, three: list[str]) -> None:
    Workspace.create("other", show_output=False)
    command = [sys.executable, "-m", "jupyter_ext.commands.terminal", "doctor", "--workspace", "other"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines[0].split() == ["STATE", "WHAT", "TOLD"]
    assert not [line for line in lines if "test-ws:" in line]
    assert [line for line in lines if "other: catalogue" in line]


def checkpointed(workspace: Workspace) -> Path:
    """Bring everything into the file itself; return it."""
    workspace._catalogue._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return workspace._paths.catalogue


def rows(workspace: Workspace, table: str) -> list[Any]:
    connection = Workspace.get(workspace.name)._catalogue._connection
    return sorted(map(tuple, connection.execute(f"SELECT * FROM {table}")))
