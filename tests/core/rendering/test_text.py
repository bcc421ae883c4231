"""The monitor as plain text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from jupyter_ext.core.rendering.text import render
from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.store.live.feed import RunFeed
from jupyter_ext.store.paths import RunPaths

if TYPE_CHECKING:
    from pathlib import Path

    from parts.live_run import Live


def test_gpus_that_do_nothing_are_told_while_the_run_goes_on(tmp_path: Path) -> None:
    append_event(str(tmp_path), status="Running")
    append_event(str(tmp_path), gpus_idle=time.time() - 720)
    feed = RunFeed(RunPaths(tmp_path))
    feed.read_all()
    assert "Its GPUs have done nothing for 12 m " in render(feed)
    append_event(str(tmp_path), gpus_idle=None)
    feed.read_all()
    assert "GPUs" not in render(feed)


def test_tables_rows_and_images_are_told_by_their_latest(live: Live) -> None:
    for epoch in range(300):
        live.metric(n="rates", k="row", v={"epoch": epoch, "lr": 0.5, "note": "warm\x1b[31m\nup"})
    live.metric(n="Words", k="table", v={"word": ["a", "b"], "count": [1, 2]})
    live.metric(n="Words", k="table", v={"word": ["c"], "count": [3]})
    live.metric(n="one", k="table", v={"word": ["a"]})
    for number in range(3):
        live.metric(n="plot", k="image", v=f"plots/{number}.png")
    live.metric(n="confusion", k="confusion_matrix", v="confusion")
    feed = RunFeed(live.paths)
    feed.read_all()
    told = render(feed)
    for line in (
        "  rates  300 rows, the last: epoch 299, lr 0.5, note warm up",
        "  Words  3 rows, the last: word c, count 3",
        "  one  1 row: word a",
        "  plot  plots/2.png  (3 images)",
        "  confusion  confusion matrix, in the file confusion",
    ):
        assert line in told.splitlines()


def test_what_does_not_fit_is_counted(live: Live) -> None:
    for number in range(23):
        live.metric(n=f"metric {number}", v=1.0)
    live.metric(n="a table", k="row", v={f"column {number}": "x" * 20 for number in range(30)})
    feed = RunFeed(live.paths)
    feed.read_all()
    lines = render(feed).splitlines()
    assert "  and 4 more" in lines
    assert max(map(len, lines)) == 200
