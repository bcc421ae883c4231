"""What a view asks of a run, answered without any widget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from parts.submitting import Folder, until

from jupyter_ext.core.runs.requests import answer
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.runs.watch import RunWatch

TRAINS = """\
import sys
from azureml.core import Run
run = Run.get_context()
run.log("loss", float(sys.argv[2]))
open("outputs/model.pt", "w").write("m" * 10)
"""


class View:
    """A view of a run: what it was told, and its questions."""

    def __init__(self, run: Run) -> None:
        self.told: list[set[str]] = []
        self.ended = 0
        self.watch = RunWatch(run, self)

    def run_changed(self, topics: set[str]) -> None:
        self.told.append(topics)

    def run_ended(self) -> None:
        self.ended += 1

    def follow(self, file: str | None) -> None:
        del file

    def ask(self, op: str, **params: Any) -> Any:
        told, buffers = answer(self, self.watch, {"id": 7, "op": op, "params": params})
        assert told["id"] == 7
        assert "error" not in told, told
        return (told["ok"], buffers[0]) if buffers else told["ok"]

    def error(self, op: str, **params: Any) -> str:
        return str(answer(self, self.watch, {"id": 7, "op": op, "params": params})[0]["error"])


@pytest.fixture
def runs(folder: Folder) -> list[Run]:
    """Two runs of an experiment, of which the later has another rate."""
    found = []
    for rate in ("0.5", "0.25"):
        run = folder.experiment.submit(folder.config(TRAINS, arguments=["--lr", rate]), tags={"rate": rate})
        run.wait_for_completion()
        found.append(run)
    return found


@pytest.fixture
def view(runs: list[Run]) -> Iterator[View]:
    """A view of the later run."""
    view = View(runs[1])
    view.watch.start()
    until(lambda: view.ended)
    yield view
    view.watch.stop()


def test_other_runs_are_listed_and_compared(view: View, runs: list[Run], folder: Folder) -> None:
    other = folder.config("print(1)")
    elsewhere = type(folder.experiment)(folder.experiment.workspace, "other").submit(other)
    elsewhere.wait_for_completion()
    listed = view.ask("runs", query="")["runs"]
    assert [(run["id"], run["experiment"]) for run in listed] == [(runs[0].id, "exp"), (elsewhere.id, "other")]
    assert (listed[0]["command"], listed[0]["status"]) == ("train.py --lr 0.5", "Completed")
    assert [run["id"] for run in view.ask("runs", query=" OTH")["runs"]] == [elsewhere.id]
    found = view.ask("compare", run=runs[0].id)
    assert found["runs"] == [runs[1].id, runs[0].id]
    assert found["different"] == [["--lr", "0.25", "0.5"], ["tag rate", "0.25", "0.5"], ["metric loss", "0.25", "0.5"]]
    assert found["same"] > 3
    assert "There is no run" in view.error("compare", run="nothing")
    assert "two runs at least" in view.error("compare", run=runs[1].id)


def test_a_run_that_was_damaged_by_hand_is_passed_over(view: View, runs: list[Run]) -> None:
    runs[0].paths.run_json.write_text('{"run_id": ')
    assert view.ask("runs", query="") == {"runs": []}
    assert view.ask("previous")["details"] == []


def test_the_snapshot_is_read(view: View) -> None:
    told = view.ask("snapshot")
    assert told["total"] == 1
    assert told["files"] == [{"name": "train.py", "size": len(TRAINS)}]
    about, data = view.ask("snapshot_file", name="train.py", offset=0, limit=10)
    assert (data, about["size"]) == (TRAINS[:10].encode(), len(TRAINS))
    assert "has no file" in view.error("snapshot_file", name="../run.json", offset=0, limit=10)


def test_tags_are_changed_and_told_of_after_the_end(view: View, runs: list[Run]) -> None:
    view.told.clear()
    assert view.ask("tags", set={"kind": "final", "rate": "slow"}, remove=[]) == {}
    until(lambda: any("details" in topics for topics in view.told))
    assert runs[1].tags == {"rate": "slow", "kind": "final"}
    (tags,) = [table for table in view.watch.feed.details() if table.get("tags")]
    assert tags["rows"] == [["rate", "slow"], ["kind", "final"]]
    view.ask("tags", set={}, remove=["rate", "kind"])
    assert runs[1].tags == {}
    assert "needs a name" in view.error("tags", set={" ": "x"}, remove=[])


def test_a_model_is_registered(view: View, runs: list[Run]) -> None:
    assert view.ask("register", name="birds", path="outputs/model.pt") == {"id": "birds:1"}
    assert view.ask("register", name="birds", path="outputs") == {"id": "birds:2"}
    model = runs[0].experiment.workspace.models["birds"]
    assert (model.run_id, model.version) == (runs[1].id, 2)
    assert "cannot be a model's name" in view.error("register", name="a b", path="outputs")
    assert "no file or folder" in view.error("register", name="birds", path="outputs/nothing")


def test_the_previous_run_of_the_experiment(view: View, runs: list[Run]) -> None:
    told = view.ask("previous")
    assert told["id"] == runs[0].id
    (run,) = [dict(table["rows"]) for table in told["details"] if table["title"] == "Run"]
    assert (run["Run id"], run["Arguments"]) == (runs[0].id, "--lr 0.5")
    assert View(runs[0]).ask("previous") == {"id": None, "details": []}


def test_the_run_is_submitted_again(view: View, runs: list[Run]) -> None:
    again = runs[0].experiment.workspace.get_run(view.ask("rerun")["id"])
    again.wait_for_completion()
    assert again.get_metrics() == {"loss": 0.25}
    (first, *_) = view.ask("reproduce")["recipes"]
    assert first["code"] == f"%aml rerun {runs[1].id} --workspace test-ws"
