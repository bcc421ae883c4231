"""Marks of when a run's logs grew."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from parts.submitting import Folder, until

from jupyter_ext.runner.log_marks import LogMarks
from jupyter_ext.store.live.feed import RunFeed
from jupyter_ext.store.paths import RunPaths

SAYS = """\
import os, time
print("one", flush=True)
while not os.path.exists("outputs/go"):
    time.sleep(0.05)
print("two", flush=True)
print("three", end="", flush=True)
"""


def _marks(paths: RunPaths) -> list[dict[str, object]]:
    return [json.loads(line) for line in paths.log_times.read_text().splitlines()]


def test_only_growth_is_marked(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    paths.user_logs.mkdir()
    log = paths.user_logs / "std_log.txt"
    marks = LogMarks(paths)
    marks.tick()
    log.write_text("one\n")
    marks.tick()  # within the same second
    assert [mark["sizes"] for mark in _marks(paths)] == [{}]
    for _ in range(3):
        marks.mark()
    log.write_text("anew\nand longer\n")
    marks.mark()
    log.write_text("")
    marks.mark()
    told = _marks(paths)
    assert [mark["sizes"] for mark in told] == [{}, *({"user_logs/std_log.txt": size} for size in (4, 16, 0))]
    assert [mark.get("first", False) for mark in told] == [True, False, False, False]


def test_a_runner_that_comes_later_does_not_claim_to_know(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    paths.user_logs.mkdir()
    (paths.user_logs / "std_log.txt").write_text("one\n")
    LogMarks(paths).mark()
    (mark,) = _marks(paths)
    assert (mark["first"], mark["sizes"]) == (True, {"user_logs/std_log.txt": 4})


def test_marks_that_cannot_be_written_do_not_end_the_run(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    paths.log_times.mkdir()
    LogMarks(paths).mark()
    assert paths.log_times.is_dir()


def test_the_lines_of_a_real_run_have_their_seconds(folder: Folder) -> None:
    before = time.time()
    run = folder.submit(SAYS)

    def times() -> Any:
        feed = RunFeed(run.paths)
        feed.read_all()
        return feed.tail()["times"]

    until(times)
    (run.paths.outputs / "go").touch()
    run.wait_for_completion()
    (one, first), (three, second) = times()
    assert (one, three) == (1, 3)
    assert before < first < second < time.time()
