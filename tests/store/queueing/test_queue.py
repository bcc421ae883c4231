from __future__ import annotations

import itertools
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.paths import WorkspacePaths
from jupyter_ext.store.queueing.queue import Queue
from jupyter_ext.store.records import ComputeRecord, RunSpec, encode, replace, write_once

if TYPE_CHECKING:
    from pathlib import Path

ENTER = """
import sys
from pathlib import Path
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.paths import WorkspacePaths
from jupyter_ext.store.queueing.queue import Queue
queue = Queue(Catalogue(WorkspacePaths(Path(sys.argv[1]))))
for run_id in sys.argv[2:]:
    queue.enter(run_id, "c", 1)
    queue.advance("c")
"""


@pytest.fixture
def paths(home: Path) -> WorkspacePaths:
    return WorkspacePaths(home / "ws")


@pytest.fixture
def queue(paths: WorkspacePaths) -> Queue:
    return Queue(Catalogue(paths))


def compute(paths: WorkspacePaths, slots: int) -> None:
    record = ComputeRecord(name="c", max_nodes=slots, created=1, modified=1)
    replace(paths.computes / "c.json", encode(record))


def make_runs(paths: WorkspacePaths, *run_ids: str, created: float = 1) -> None:
    for run_id in run_ids:
        run = paths.run(run_id)
        run.root.mkdir(parents=True)
        spec = RunSpec(run_id=run_id, experiment="e", workspace="ws", type="t", created=created)
        write_once(run.run_json, encode(spec))
        append_event(str(run.root), status="Queued")
        Catalogue(paths).index(run)


def test_a_short_run_passes_where_the_head_is_promised_a_time(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 2)
    make_runs(paths, "a", "wide", "long", "short")
    for run_id, nodes, seconds in (("a", 1, 1000), ("wide", 2, 10), ("long", 1, 2000), ("short", 1, 500)):
        queue.enter(run_id, "c", nodes, 0, seconds)
        queue.advance("c")
    assert queue.line("c") == [("a", True), ("short", True), ("wide", False), ("long", False)]
    assert [queue.place(run_id, "c") for run_id in ("short", "wide", "long")] == [0, 1, 2]
    assert queue.standing("long", "c") == "2nd in line for c"
    queue.leave("a")
    assert holders(queue) == ["short"]
    queue.leave("short")
    assert holders(queue) == ["wide"]


def test_nobody_passes_where_it_is_not_known_when_anybody_ends(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 2)
    make_runs(paths, "a", "wide", "short")
    for run_id, nodes, seconds in (("a", 1, None), ("wide", 2, None), ("short", 1, 1)):
        queue.enter(run_id, "c", nodes, 0, seconds)
    assert holders(queue) == ["a"]


def holders(queue: Queue) -> list[str]:
    return [paths.run_id for paths in queue.advance("c")]


@pytest.mark.parametrize("slots", [1, 2])
def test_first_in_first_out(paths: WorkspacePaths, queue: Queue, slots: int) -> None:
    compute(paths, slots)
    runs = [f"r{number}" for number in range(5)]
    make_runs(paths, *runs)
    for run_id in runs:
        queue.enter(run_id, "c", 1)
        queue.enter(run_id, "c", 1)
    assert holders(queue) == runs[:slots]
    assert queue.line("c") == [(run_id, run_id in runs[:slots]) for run_id in runs]
    assert [queue.place(run_id, "c") for run_id in runs] == [0] * slots + list(range(1, 6 - slots))
    queue.leave("r0")
    assert holders(queue) == runs[1 : 1 + slots]


def test_processes_at_once_get_no_more_than_there_is(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 2)
    names = [[f"{letter}{number}" for number in range(10)] for letter in "abc"]
    make_runs(paths, *itertools.chain(*names))
    processes = [subprocess.Popen([sys.executable, "-c", ENTER, str(paths.root), *some]) for some in names]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    line = queue.line("c")
    assert len(line) == 30
    assert sum(granted for _, granted in line) == 2
    for letter, some in zip("abc", names, strict=True):
        assert [run_id for run_id, _ in line if run_id[0] == letter] == some


def test_a_run_that_needs_more_is_not_overtaken(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 2)
    make_runs(paths, "a", "wide", "b")
    for run_id, nodes in (("a", 1), ("wide", 2), ("b", 1)):
        queue.enter(run_id, "c", nodes)
    assert holders(queue) == ["a"]
    queue.leave("a")
    assert holders(queue) == ["wide"]


def test_runs_that_ended_without_leaving_are_taken_out(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 1)
    make_runs(paths, "a", "canceled", "b")
    for run_id in ("a", "canceled", "b"):
        queue.enter(run_id, "c", 1)
    assert holders(queue) == ["a"]
    for run_id, status in (("a", "Completed"), ("canceled", "Canceled")):
        append_event(str(paths.run(run_id).root), status=status)
    assert holders(queue) == ["b"]
    assert queue.line("c") == [("b", True)]


def test_a_canceled_run_at_the_head_does_not_hold_up_the_line(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 2)
    make_runs(paths, "a", "wide", "b")
    for run_id, nodes in (("a", 1), ("wide", 2), ("b", 1)):
        queue.enter(run_id, "c", nodes)
    append_event(str(paths.run("wide").root), status="Canceled")
    assert holders(queue) == ["a", "b"]


def test_more_slots_move_the_line_and_fewer_take_none_away(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 1)
    make_runs(paths, "a", "b", "d")
    for run_id in ("a", "b", "d"):
        queue.enter(run_id, "c", 1)
    assert holders(queue) == ["a"]
    compute(paths, 2)
    assert holders(queue) == ["a", "b"]
    compute(paths, 1)
    assert holders(queue) == ["a", "b"]
    queue.leave("a")
    assert holders(queue) == ["b"]


def test_a_run_that_needs_more_than_there_is_by_now_holds_nobody_up(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 3)
    make_runs(paths, "a", "wide", "b")
    for run_id, nodes in (("a", 2), ("wide", 3), ("b", 1)):
        queue.enter(run_id, "c", nodes)
    assert holders(queue) == ["a"]
    assert queue.too_wide("c") == {}
    compute(paths, 2)
    assert queue.too_wide("c") == {"wide": 3}
    assert queue.standing("b", "c") == "2nd in line for c"
    too_few = "needs 3 nodes, and c has 2: scale it up, or cancel the run"
    assert queue.standing("wide", "c") == f"1st in line for c; {too_few}"
    queue.leave("a")
    assert holders(queue) == ["b"]
    compute(paths, 3)
    queue.leave("b")
    assert holders(queue) == ["wide"]


def test_a_canceled_run_that_needs_too_much_leaves_the_line(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 2)
    make_runs(paths, "wide")
    queue.enter("wide", "c", 3)
    append_event(str(paths.run("wide").root), status="Canceled")
    assert holders(queue) == []
    assert queue.line("c") == []


def test_how_many_slots_there_are(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 3)
    assert (queue.slots("local"), queue.slots("c"), queue.slots("unknown")) == (1, 3, 0)


def test_who_was_submitted_first_is_not_overtaken_by_who_starts_faster(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 1)
    make_runs(paths, "a", "b", created=time.time())
    for run_id in ("a", "b"):
        queue.announce(run_id, "c", 1)
    queue.enter("b", "c", 1)
    assert holders(queue) == []
    assert queue.is_held_up("b", "c")
    assert not queue.is_held_up("a", "c")
    queue.enter("a", "c", 1)
    assert holders(queue) == ["a"]
    assert not queue.is_held_up("b", "c")
    assert queue.place("b", "c") == 1


def test_who_builds_or_never_came_holds_nobody_up(paths: WorkspacePaths, queue: Queue) -> None:
    compute(paths, 1)
    make_runs(paths, "lost", created=time.time() - 60)
    make_runs(paths, "builds", "b", created=time.time())
    for run_id in ("lost", "builds", "b"):
        queue.announce(run_id, "c", 1)
    queue.give_way("builds")
    queue.enter("b", "c", 1)
    assert holders(queue) == ["b"]
    queue.enter("builds", "c", 1)
    queue.give_way("b")
    assert holders(queue) == ["b"]
    queue.leave("b")
    assert holders(queue) == ["builds"]
