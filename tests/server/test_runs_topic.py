"""The list of runs as it is told to a page: what is there, then what changes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from parts.home_run import HomeRun

from jupyter_ext.server import runs_channel

if TYPE_CHECKING:
    from collections.abc import Callable

    from parts.events_page import Page
    from parts.jupyter_server import JupyterServer

_TOPIC = "runs/default"


def _row(page: Page, run_id: str, until: Callable[[dict[str, Any]], bool] = bool) -> dict[str, Any]:
    row: dict[str, Any] = page.read_event("row", lambda row: row["id"] == run_id and until(row))["data"]
    return row


def _birds(counts: dict[str, Any]) -> int:
    total: int = next(each["total"] for each in counts["experiments"] if each["name"] == "birds")
    return total


def test_it_tells_what_there_is_and_then_what_changes(
    server: JupyterServer, running: HomeRun, connect: Callable[..., Page]
) -> None:
    page = connect(server)
    page.subscribe(_TOPIC)
    row = _row(page, running.live.id)
    assert (row["status"], row["line"], row["progress"]) == ("Running", "epoch 1", None)
    assert row["metric"] == {"name": "loss", "last": 1 / 30, "best": 1 / 30}
    assert (row["cpu"], row["gpu"], row["tags"]) == (40.0, None, {"kind": "trial"})
    running.live.print("epoch 7/30 loss 0.3\n")
    row = _row(page, running.live.id, lambda row: row["progress"] is not None)
    assert row["progress"] == {"text": "epoch 7/30", "fraction": 0.2333}
    running.live.event(50.0, tags={"owner": "me"}, display_name="birds, again")
    assert _row(page, running.live.id, lambda row: row["display_name"] == "birds, again")["tags"]["owner"] == "me"
    running.end("Failed", "ValueError: shape")
    row = _row(page, running.live.id, lambda row: row["status"] == "Failed")
    assert (row["reason"], row["line"], row["progress"], row["cpu"]) == ("ValueError: shape", None, None, None)


def test_a_new_run_comes_by_itself_and_one_that_goes_is_told(
    server: JupyterServer, ended: HomeRun, connect: Callable[..., Page]
) -> None:
    page = connect(server)
    page.subscribe(_TOPIC)
    _row(page, ended.live.id)  # others' pages may have known the list before that run; the counts follow the rows
    before = page.read_event("counts")["data"]
    total = before["total"]
    new = HomeRun(server.home, f"comes_{uuid4().hex[:6]}")
    _row(page, new.live.id)
    counts = page.read_event("counts", lambda counts: counts["total"] == total + 1)["data"]
    assert _birds(counts) == _birds(before) + 1
    new.end()
    _row(page, new.live.id, lambda row: row["status"] == "Completed")
    shutil.rmtree(new.live.paths.root)
    page.read_event("gone", lambda gone: gone == {"id": new.live.id})
    page.read_event("counts", lambda counts: counts["total"] == total)
    later = connect(server)
    later.subscribe(_TOPIC)
    _row(later, ended.live.id)
    told = [message["data"]["id"] for message in later.told if message.get("event") == "row"]
    assert new.live.id not in told


def test_after_a_break_it_goes_on(server: JupyterServer, running: HomeRun, connect: Callable[..., Page]) -> None:
    first = connect(server)
    epoch = first.subscribe(_TOPIC)["epoch"]
    _row(first, running.live.id)
    last = max(message["n"] for message in first.told if "n" in message)
    first.socket.shutdown()
    running.live.event(60.0, status="Finalizing")
    second = connect(server)
    assert second.subscribe(_TOPIC, last, epoch)["epoch"] == epoch
    _row(second, running.live.id, lambda row: row["status"] == "Finalizing")
    told = [message for message in second.told if "n" in message]
    assert min(message["n"] for message in told) > last
    assert {message["data"]["id"] for message in told if message["event"] == "row"} == {running.live.id}


def test_of_many_runs_the_newest_and_the_live_ones_are_told(
    own_server: Callable[..., JupyterServer], connect: Callable[..., Page]
) -> None:
    server = own_server()
    live = HomeRun(server.home, "oldest")
    many = runs_channel.NEWEST + 20
    for number in range(many):
        HomeRun(server.home, f"many_{number:03d}").end()
    page = connect(server)
    page.subscribe(_TOPIC)
    counts = page.read_event("counts")["data"]
    assert counts["counts"] == {"Completed": many, "Running": 1}
    told = [message["data"]["id"] for message in page.told if message.get("event") == "row"]
    assert len(told) == runs_channel.NEWEST + 1
    assert "oldest" in told
    live.live.event(50.0, status="Finalizing")
    _row(page, "oldest", lambda row: row["status"] == "Finalizing")
    live.end()


def test_a_damaged_record_hides_no_other(
    server: JupyterServer, running: HomeRun, ended: HomeRun, connect: Callable[..., Page]
) -> None:
    running.live.paths.run_json.write_text("{ not JSON")
    with running.live.paths.events.open("a") as events:
        events.write('{"t": 1, "status":\n\x00\x00\n')
    page = connect(server)
    page.subscribe(_TOPIC)
    _row(page, ended.live.id)
    page.read_event("counts")
    assert running.live.id not in {message["data"]["id"] for message in page.told if message.get("event") == "row"}


def test_it_answers_no_requests(server: JupyterServer, ended: HomeRun, connect: Callable[..., Page]) -> None:
    page = connect(server)
    page.subscribe(_TOPIC)
    page.say(op="request", topic=_TOPIC, id=1, request="lines")
    assert "answers no requests" in page.read(lambda message: message.get("id") == 1)["error"]
