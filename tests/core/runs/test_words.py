"""Runs are found by what they are called and tagged with, without each being read again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.core.runs.rows import RunRows
from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.records import RunSpec, encode

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.workspace import Workspace


@pytest.fixture
def runs(workspace: Workspace) -> list[RunPaths]:
    """Three runs that have ended."""
    made = []
    for number in range(3):
        paths = workspace._paths.run(f"birds_{number}")
        paths.root.mkdir(parents=True)
        spec = RunSpec(
            run_id=paths.run_id,
            experiment="Birds",
            workspace=workspace.name,
            type="azureml.scriptrun",
            created=float(number),
            script="train.py",
            arguments=["--lr", number / 10],
            tags={"kind": f"trial {number}"},
        )
        paths.run_json.write_bytes(encode(spec))
        append_event(str(paths.root), status="Completed")
        workspace._catalogue.index(paths)
        made.append(paths)
    return made


def found(workspace: Workspace, text: str, limit: int = 10) -> list[str]:
    rows, _ = RunRows(workspace).page(experiment=None, statuses=[], text=text, after=None, limit=limit)
    return [row["run_id"] for row in rows]


def test_what_a_run_is_found_by(workspace: Workspace, runs: list[RunPaths]) -> None:
    append_event(str(runs[1].root), tags={"Owner": "Ada"}, display_name="The best", removed_tags=["kind"])
    everything = ["birds_2", "birds_1", "birds_0"]
    for text, ids in (
        ("bird", everything),
        ("BIRDS_2", ["birds_2"]),
        ("--lr 0.2", ["birds_2"]),
        ("kind=trial", ["birds_2", "birds_0"]),
        ("owner=ada", ["birds_1"]),
        ("the best", ["birds_1"]),
        ("mnist", []),
    ):
        assert found(workspace, text) == ids
    assert found(workspace, "bird", 2) == everything[:2]
    append_event(str(runs[0].root), tags={"owner": "Ada"})
    assert found(workspace, "owner=ada") == ["birds_1", "birds_0"]


def test_a_run_is_read_once_and_again_when_it_has_changed(workspace: Workspace, runs: list[RunPaths]) -> None:
    assert found(workspace, "--lr 0.1") == ["birds_1"]
    runs[1].run_json.write_text("{")  # whoever reads it again does not find it
    runs[2].run_json.write_text("{")
    assert found(workspace, "--lr 0.1") == ["birds_1"]
    append_event(str(runs[2].root), tags={"a": "b"})
    assert found(workspace, "--lr 0.2") == []
    assert found(workspace, "birds_2") == ["birds_2"]


def test_a_catalogue_that_is_being_written_is_searched_all_the_same(workspace: Workspace, runs: list[RunPaths]) -> None:
    workspace._catalogue._connection.execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(workspace._paths.catalogue, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert found(workspace, "--lr 0.1") == [runs[1].run_id]
