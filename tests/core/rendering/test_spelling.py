"""How times are spelled: as the view spells them, ``labextension/test/format.test.ts``."""

from __future__ import annotations

import pytest

from jupyter_ext.core.rendering.spelling import duration, ran, run_time


def test_time_spans_are_those_of_the_view() -> None:
    spans = (0, 0.2, 9.94, 9.96, 14.7, 59.9, 134, 125, 3600, 90_000, -5)
    told = ["0 s", "0.2 s", "9.9 s", "9 s", "14 s", "59 s", "2 m 14 s", "2 m 05 s", "1 h 00 m", "1 d 01 h", "0 s"]
    assert [duration(span) for span in spans] == told


@pytest.mark.parametrize(
    ("started", "ended", "seconds", "told"),
    [
        (None, None, None, "waiting 20 s"),
        (None, 115.0, None, "did not run"),
        (112.0, None, 8.0, "8.0 s"),
        (112.0, 116.0, 4.0, "4.0 s"),
    ],
)
def test_a_run_takes_from_its_scripts_start_to_its_end(
    started: float | None, ended: float | None, seconds: float | None, told: str
) -> None:
    run = {"created": 100.0, "started": started, "ended": ended, "now": 120.0}
    assert (ran(run), run_time(run)) == (seconds, told)
    assert run_time({**run, "created": None, "started": None}) == ("" if ended is None else "did not run")
