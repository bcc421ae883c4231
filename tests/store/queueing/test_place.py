"""A run's place in line, as its monitor tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.live.feed import RunFeed
from jupyter_ext.store.paths import WorkspacePaths
from jupyter_ext.store.queueing.queue import Queue
from jupyter_ext.store.records import ComputeRecord, RunSpec, encode, replace, write_once

if TYPE_CHECKING:
    from pathlib import Path


def test_a_place_is_told_for_as_long_as_the_run_waits(home: Path) -> None:
    paths = WorkspacePaths(home / "ws")
    catalogue = Catalogue(paths)
    queue = Queue(catalogue)
    replace(paths.computes / "c.json", encode(ComputeRecord(name="c", max_nodes=1, created=1, modified=1)))
    for run_id in ("first", "second"):
        run = paths.run(run_id)
        run.root.mkdir(parents=True)
        spec = RunSpec(run_id=run_id, experiment="e", workspace="ws", type="t", created=1, target="c")
        write_once(run.run_json, encode(spec))
        append_event(str(run.root), status="Queued")
        catalogue.index(run)
        queue.enter(run_id, "c", 1)
    assert [run.run_id for run in queue.advance("c")] == ["first"]
    feed = RunFeed(paths.run("second"))
    assert {"run", "phases"} <= feed.refresh()
    assert feed.run()["standing"] == "1st in line for c"
    assert next(phase for phase in feed.phases() if phase["name"] == "Queue")["note"] == "1st in line for c"
    queue.leave("first")
    queue.advance("c")
    append_event(str(paths.run("second").root), status="Running")
    feed.refresh()
    assert feed.run()["standing"] is None
