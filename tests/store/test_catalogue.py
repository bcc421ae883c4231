from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from parts.submitting import live_runs

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.paths import RunPaths, WorkspacePaths
from jupyter_ext.store.queueing.queue import Queue
from jupyter_ext.store.records import RunSpec, encode, read_record, write_once

if TYPE_CHECKING:
    from pathlib import Path

ADD = """
import sys
from pathlib import Path
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.paths import WorkspacePaths
from jupyter_ext.store.records import RunSpec
paths = WorkspacePaths(Path(sys.argv[1]))
catalogue = Catalogue(paths)
for number in range(50):
    run_id = f"{sys.argv[2]}_{number}"
    spec = RunSpec(run_id=run_id, experiment="e", workspace="ws", type="", created=float(number))
    catalogue.add_run(spec, paths.run(run_id), "Running")
    catalogue.set_status(run_id, "Completed")
"""


@pytest.fixture
def paths(home: Path) -> WorkspacePaths:
    return WorkspacePaths(home / "ws")


def make_run(paths: WorkspacePaths, run_id: str, *statuses: str, **given: object) -> RunPaths:
    """Write a run down as a submission does."""
    fields: dict[str, object] = {"experiment": "e", "workspace": "ws", "type": "azureml.scriptrun", "created": 1.0}
    spec = RunSpec(run_id=run_id, **{**fields, **given})  # type: ignore[arg-type]
    run = paths.run(run_id)
    run.launch.mkdir(parents=True)
    write_once(run.run_json, encode(spec))
    for status in statuses:
        append_event(str(run.root), status=status)
    return run


def forget(paths: WorkspacePaths) -> None:
    for file in paths.root.glob("catalogue.db*"):
        file.unlink()


def test_a_missing_catalogue_is_made_again_from_the_run_directories(paths: WorkspacePaths) -> None:
    parent = make_run(paths, "exp_1_a", "NotStarted", "Running", "Completed", experiment="exp", number=4)
    make_run(paths, "other_2_b", "NotStarted", "Running", experiment="other", created=2.0)
    child = parent.children / "child-1"
    child.mkdir(parents=True)
    (child / "run.json").write_text(
        json.dumps(
            {
                "run_id": "child-1",
                "experiment": "exp",
                "workspace": "ws",
                "type": None,
                "created": 3.0,
                "parent": "exp_1_a",
            }
        )
    )
    append_event(str(child), status="Failed")
    for _ in range(2):
        catalogue = Catalogue(paths)
        assert [row["run_id"] for row in catalogue.runs()] == ["other_2_b", "exp_1_a"]
        assert [row["run_id"] for row in catalogue.runs(experiment="exp", children=True)] == ["child-1", "exp_1_a"]
        assert [row["run_id"] for row in catalogue.runs(parent="exp_1_a")] == ["child-1"]
        assert live_runs(catalogue) == ["other_2_b"]
        assert {row["experiment"] for row in catalogue.runs()} == {"exp", "other"}
        assert catalogue.run_paths("child-1") == RunPaths(child)
        forget(paths)


def test_a_directory_that_is_no_run_does_not_hinder(paths: WorkspacePaths) -> None:
    make_run(paths, "good", "Running")
    (paths.runs / "empty").mkdir()
    (paths.runs / "stray.txt").write_text("x")
    (paths.runs / "broken").mkdir()
    (paths.runs / "broken" / "run.json").write_text('{"run_id": 3')
    assert [row["run_id"] for row in Catalogue(paths).runs()] == ["good"]


def test_the_line_is_made_again_too(paths: WorkspacePaths) -> None:
    make_run(paths, "second", "Queued", created=2.0)
    make_run(paths, "first", "Queued", created=1.0)
    make_run(paths, "runs", "Queued", "Running", created=3.0)
    make_run(paths, "ended", "Queued", "Running", "Completed", created=0.5)
    assert Queue(Catalogue(paths)).line("local") == [("runs", True), ("first", False), ("second", False)]


def test_a_run_whose_directory_is_gone_has_no_paths(paths: WorkspacePaths) -> None:
    catalogue = Catalogue(paths)
    run = make_run(paths, "r", "Running")
    catalogue.index(run)
    assert catalogue.run_paths("r") == run
    run.run_json.unlink()
    run.events.unlink()
    run.launch.rmdir()
    run.root.rmdir()
    assert catalogue.run_paths("r") is None
    assert catalogue.run_paths("never") is None


def test_writers_in_several_processes(paths: WorkspacePaths) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", ADD, str(paths.root), name]) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    catalogue = Catalogue(paths)
    assert sorted(row["number"] for row in catalogue.runs()) == [*range(1, 151)]
    for row in catalogue.runs():
        spec = read_record(paths.run(row["run_id"]).run_json, RunSpec)
        assert spec is not None
        assert spec.number == row["number"]
    assert live_runs(catalogue) == []


def test_search_by_prefix(paths: WorkspacePaths) -> None:
    catalogue = Catalogue(paths)
    for number, run_id in enumerate(["exp_1_a", "exp_2_b", "expX1_a", "100%_c"]):
        catalogue.index(make_run(paths, run_id, created=float(number)))
    assert [row["run_id"] for row in catalogue.runs_like("exp_")] == ["exp_2_b", "exp_1_a"]
    assert [row["run_id"] for row in catalogue.runs_like("100%")] == ["100%_c"]
    assert len(catalogue.runs_like("", limit=2)) == 2
    assert catalogue.runs_like("nope") == []


def test_what_raises_within_a_transaction_is_undone(paths: WorkspacePaths) -> None:
    catalogue = Catalogue(paths)

    def fail() -> None:
        with catalogue.transaction() as connection:
            connection.execute("INSERT INTO queue (run_id, compute, nodes) VALUES ('r', 'c', 1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert Queue(catalogue).line("c") == []


def test_a_catalogue_of_an_earlier_version_is_taken_over(paths: WorkspacePaths) -> None:
    Queue(Catalogue(paths)).enter("waits", "c", 2)
    with contextlib.closing(sqlite3.connect(paths.catalogue)) as old:
        for column in ("gpus", "seconds", "since"):
            old.execute(f"ALTER TABLE queue DROP COLUMN {column}")
        old.execute("DROP TABLE words")
        old.execute("PRAGMA user_version = 1")
    queue = Queue(Catalogue(paths))
    queue.enter("new", "c", 1, 3, 60.0)
    assert queue.line("c") == [("waits", False), ("new", False)]
    rows = Catalogue(paths).read("SELECT run_id, nodes, gpus, seconds FROM queue ORDER BY ticket")
    assert [tuple(row) for row in rows] == [("waits", 2, 0, None), ("new", 1, 3, 60.0)]


def test_one_of_version_2_keeps_its_runs_and_its_programs_go_on(paths: WorkspacePaths) -> None:
    catalogue = Catalogue(paths)
    catalogue.index(make_run(paths, "old_1"))
    with contextlib.closing(sqlite3.connect(paths.catalogue)) as old:
        old.execute("DROP TABLE words")
        old.execute("PRAGMA user_version = 2")
    now = Catalogue(paths)
    assert now.words() == {}
    now.note_words([("old_1", "1 2", "old_1\nbirds")])
    assert now.words() == {"old_1": ("1 2", "old_1\nbirds")}
    with contextlib.closing(sqlite3.connect(paths.catalogue)) as old:
        old.execute(
            "INSERT OR REPLACE INTO runs VALUES ('old_2', 'e', 1, '', NULL, 1.0, 'local', 'Queued', 'runs/old_2')"
        )
        old.commit()
    assert {row["run_id"] for row in now.runs()} == {"old_1", "old_2"}
    now.forget("old_1")
    assert (now.find_run("old_1"), now.words()) == (None, {})
