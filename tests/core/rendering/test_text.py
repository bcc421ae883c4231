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


def test_gpus_that_do_nothing_are_told_while_the_run_goes_on(tmp_path: Path) -> None:
    append_event(str(tmp_path), status="Running")
    append_event(str(tmp_path), gpus_idle=time.time() - 720)
    feed = RunFeed(RunPaths(tmp_path))
    feed.read_all()
    assert "Its GPUs have done nothing for 12 m " in render(feed)
    append_event(str(tmp_path), gpus_idle=None)
    feed.read_all()
    assert "GPUs" not in render(feed)
