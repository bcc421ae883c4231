"""When the lines of a log were written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from parts.live_run import Live

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.live.feed import RunFeed
from jupyter_ext.store.live.log_times import LogTimes

LOG = "user_logs/std_log.txt"


def _mark(path: Path, t: float, first: bool = False, **sizes: int) -> None:
    record: dict[str, Any] = {"t": t, "sizes": sizes}
    with path.open("a") as file:
        file.write(json.dumps({**record, "first": True} if first else record) + "\n")


def test_a_line_has_the_first_second_at_which_it_was_whole(tmp_path: Path) -> None:
    path = tmp_path / "log_times.jsonl"
    times = LogTimes(path)
    assert times.of_lines("a", 0, [10, 20]) == []
    _mark(path, 1.0, first=True)
    _mark(path, 2.0, a=25, b=3)
    _mark(path, 3.0, a=40)
    assert times.refresh() == {"a", "b"}
    assert times.refresh() == set()
    assert times.of_lines("a", 0, [10, 20, 30, 40, 50]) == [(2, 2.0), (4, 3.0)]
    assert times.of_lines("a", 7, [26]) == [(8, 3.0)]
    assert times.of_lines("b", 0, [3]) == [(1, 2.0)]
    assert times.of_lines("c", 0, [3]) == []


def test_what_was_written_while_nobody_watched_has_no_time(tmp_path: Path) -> None:
    path = tmp_path / "log_times.jsonl"
    _mark(path, 1.0, first=True)
    _mark(path, 2.0, a=10)
    _mark(path, 60.0, first=True, a=30)
    _mark(path, 61.0, a=40)
    times = LogTimes(path)
    times.refresh()
    assert times.of_lines("a", 0, [10, 20, 30, 40]) == [(1, 2.0), (3, None), (4, 61.0)]


def test_a_log_that_was_begun_anew_forgets_its_times(tmp_path: Path) -> None:
    path = tmp_path / "log_times.jsonl"
    for t, size in ((1.0, 100), (2.0, 10), (3.0, 20)):
        _mark(path, t, a=size)
    times = LogTimes(path)
    times.refresh()
    assert times.of_lines("a", 0, [10, 15]) == [(1, 2.0), (2, 3.0)]


def test_the_line_of_a_moment(live: Live) -> None:
    feed = RunFeed(live.paths)
    live.print("one\ntwo\nthree\n" + "x" * 100_000 + "\nlast")
    marks = live.paths.log_times
    _mark(marks, 1.0, first=True)
    _mark(marks, 2.0, **{LOG: 2})
    _mark(marks, 3.0, **{LOG: 8})
    _mark(marks, 9.0, first=True, **{LOG: 14})
    _mark(marks, 12.0, **{LOG: 100_019})
    feed.refresh()
    at = {t: feed.line_at(LOG, t)["line"] for t in (0.5, 2.0, 2.5, 3.0, 8.0, 11.0, 99.0)}
    assert at == {0.5: None, 2.0: None, 2.5: 1, 3.0: 1, 8.0: None, 11.0: 3, 99.0: 3}
    assert feed.line_at(LOG, 2.5)["text"] == "two"
    with pytest.raises(UserErrorException, match="has no log"):
        feed.line_at("nothing", 1.0)


def test_bad_marks_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "log_times.jsonl"
    path.write_text('{"t": "x"}\nnonsense\n{"t": 1, "sizes": {"a": -3}}\n{"t": 2, "sizes": {"a": 5}}\n{"t": 3, "si')
    times = LogTimes(path)
    assert times.refresh() == {"a"}
    assert times.of_lines("a", 0, [5]) == [(1, 2.0)]


def test_a_view_gets_the_times_with_the_lines(live: Live) -> None:
    feed = RunFeed(live.paths)
    live.print("one\ntwo\nhalf")
    assert "tail" in feed.refresh()
    assert feed.tail()["times"] == []
    _mark(live.paths.log_times, 7.5, **{LOG: 12})
    assert feed.refresh() == {"logs", "tail"}
    assert feed.tail()["times"] == [(3, 7.5)]
    live.print(" done\nfour\n")
    feed.refresh()
    assert feed.lines(LOG, 1, 9)["times"] == [(2, 7.5)]
