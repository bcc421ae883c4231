from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_ext.store.live import log_follower
from jupyter_ext.store.live.log_follower import follow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parts.live_run import Live

LOG, BUILD = "user_logs/std_log.txt", "system_logs/build.log"


def add(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8", newline="") as log:
        log.write(text)


def joined(pieces: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    """Put the pieces of each log together."""
    told: dict[str, str] = {}
    for name, text in pieces:
        told[name] = told.get(name, "") + text
    return list(told.items())


def in_turn(*steps: Callable[[], None]) -> Callable[[], bool]:
    """Make a `has_ended` that takes a step each time that it is asked, and is true after the last."""
    left = iter(steps)

    def has_ended() -> bool:
        step = next(left, None)
        if step:
            step()
        return step is None

    return has_ended


def test_what_is_there_is_told_and_made_safe(live: Live) -> None:
    live.event(1, status="Running")
    live.print("\x1b[31mred\x1b[0m\x1b]52;c;aGk=\x07\nno end")
    assert joined(follow(live.paths, lambda: True)) == [(LOG, "\x1b[31mred\x1b[0m\nno end\n")]


def test_a_log_is_told_to_its_end_before_the_next(live: Live) -> None:
    def build() -> None:
        live.event(1, status="Preparing")
        add(live.paths.build_log, "one\ntw")

    def run() -> None:
        add(live.paths.build_log, "o\nlast")
        live.event(2, status="Running")
        live.print("script\nhal")

    ended = in_turn(build, run, lambda: live.print("f\nend"))
    assert joined(follow(live.paths, ended)) == [(BUILD, "one\ntwo\nlast\n"), (LOG, "script\nhalf\nend\n")]


def test_a_log_that_is_empty_is_named(live: Live) -> None:
    live.event(1, status="Running")
    live.print("")
    assert list(follow(live.paths, lambda: True)) == [(LOG, "")]


def test_what_the_runner_says_is_told_where_it_is_named(live: Live) -> None:
    add(live.paths.runner_log, "of its own\n")
    assert list(follow(live.paths, lambda: True)) == []
    assert joined(follow(live.paths, lambda: True, "system_logs/runner.log")) == [
        ("system_logs/runner.log", "of its own\n")
    ]


def test_the_last_lines_are_those_of_the_first_log(live: Live) -> None:
    live.event(1, status="Preparing")
    add(live.paths.build_log, "one\ntwo\nthree\n")

    def run() -> None:
        live.event(2, status="Running")
        live.print("a\nb\n")

    assert joined(follow(live.paths, in_turn(lambda: None, run), lines=1)) == [(BUILD, "three\n"), (LOG, "a\nb\n")]


def test_long_logs_and_lines_come_in_pieces(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_follower, "_PIECE_BYTES", 1000)
    live.event(1, status="Running")
    text = "".join(f"line {number} é\n" for number in range(500)) + "x" * 4500 + "\nend\n"
    live.print(text)
    live.metric(n="loss", v=1.0)
    pieces = list(follow(live.paths, lambda: True))
    assert "".join(piece for _, piece in pieces) == text
    assert max(len(piece) for _, piece in pieces) <= 2000
