"""The trials of a sweep, as they go on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
from parts.live_run import make_run

from jupyter_ext.core.rendering import static_html
from jupyter_ext.store.live.feed import RunFeed
from jupyter_ext.store.records import RunSpec, encode
from jupyter_ext.store.sweep_record import MINIMIZE, Sweep

if TYPE_CHECKING:
    from pathlib import Path

    from parts.live_run import Live


def _sweep(runs: Path) -> Live:
    live = make_run(runs / "HD_1")
    spec = msgspec.json.decode(live.paths.run_json.read_bytes(), type=RunSpec)
    asked = Sweep(sampling="GRID", space={"--lr": ["choice", [[0.1, 0.2]]]}, seed=1, metric="loss", goal=MINIMIZE)
    live.paths.run_json.write_bytes(encode(msgspec.structs.replace(spec, sweep=asked)))
    return live


def _begin(sweep: Live, number: int, rate: float) -> Live:
    trial = make_run(sweep.paths.root.parent / f"HD_1_{number}")
    sweep.event(number, tags={trial.id: json.dumps({"--lr": rate})})
    trial.event(1.0, status="Running")
    return trial


def test_a_run_that_is_no_sweep_has_none(running: Live) -> None:
    feed = RunFeed(running.paths)
    assert "trials" not in feed.refresh()
    assert feed.topic("trials") is None
    assert feed.topic("run")["is_sweep"] is False
    assert "Trials" not in static_html.render(feed)


def test_trials_are_told_as_they_go_on_the_best_first(tmp_path: Path) -> None:
    sweep = _sweep(tmp_path)
    feed = RunFeed(sweep.paths)
    assert "trials" in feed.refresh()
    assert feed.topic("run")["is_sweep"] is True
    assert feed.topic("trials") == {"metric": "loss", "goal": MINIMIZE, "parameters": ["--lr"], "trials": []}
    sweep.event(0.5, tags={"HD_1_0": '{"--lr": 0.1}'})
    feed.refresh()
    assert feed.topic("trials")["trials"] == []  # its parameters are there before its directory
    first, second = _begin(sweep, 0, 0.1), _begin(sweep, 1, 0.2)
    third = _begin(sweep, 2, 0.3)
    assert "trials" in feed.refresh()
    assert "trials" not in feed.refresh()
    for value in (0.5, 0.25, 0.75):
        first.metric(n="loss", v=value)
    second.metric(n="loss", v=0.125)
    third.event(9.0, status="Failed", reason="It broke.")
    assert "trials" in feed.refresh()
    told = feed.topic("trials")["trials"]
    json.dumps(told, allow_nan=False)
    assert [(one["number"], one["best"], one["last"], one["status"]) for one in told] == [
        (1, 0.125, 0.125, "Running"),
        (0, 0.25, 0.75, "Running"),
        (2, None, None, "Failed"),
    ]
    assert told[2]["reason"] == "It broke."
    assert told[0]["parameters"] == {"--lr": 0.2}


def test_a_tag_that_is_no_parameters_harms_nothing(tmp_path: Path) -> None:
    sweep = _sweep(tmp_path)
    _begin(sweep, 0, 0.1)
    feed = RunFeed(sweep.paths)
    feed.refresh()
    sweep.event(3.0, tags={"HD_1_1": "mine"})
    feed.refresh()
    assert [one["number"] for one in feed.topic("trials")["trials"]] == [0]


def test_the_saved_notebook_has_them_as_a_table(tmp_path: Path) -> None:
    sweep = _sweep(tmp_path)
    for number in range(60):
        trial = _begin(sweep, number, number / 100)
        trial.metric(n="loss", v=1 + number)
        trial.event(11.0, status="Completed")
    feed = RunFeed(sweep.paths)
    feed.read_all()
    html = static_html.render(feed)
    for expected in ("Trials", "--lr", "Best loss", "✓ Completed", "10 s", "and 10 more, none of them better"):
        assert expected in html
    assert html.index(">0.03<") < html.index(">0.04<")


def test_a_tag_that_stands_under_two_names_is_told_once(tmp_path: Path) -> None:
    sweep = _sweep(tmp_path)
    tags = {"max_total_jobs": "4", "_aml_system_max_total_jobs": "4", "_aml_system_alone": "x"}
    sweep.event(1.0, tags=tags)
    feed = RunFeed(sweep.paths)
    feed.refresh()
    told = next(dict(table["rows"]) for table in feed.topic("details") if table.get("tags"))
    assert told == {"kind": "trial", "max_total_jobs": "4", "_aml_system_alone": "x"}
