"""The WebSocket: what is told, to whom, and how it goes on after it broke."""

from __future__ import annotations

import http.cookiejar
import shutil
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import websocket
from parts.home_run import HomeRun

from jupyter_ext.server.routes import ROUTES
from jupyter_ext.store.live.feed import TOPICS

if TYPE_CHECKING:
    from collections.abc import Callable

    from parts.events_page import Page
    from parts.jupyter_server import JupyterServer

_READ_ONLY = """
from jupyter_server.auth import Authorizer


class ReadOnly(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return action == "read"


class NotRuns(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return resource != "aml"


c.ServerApp.authorizer_class = %s
"""


@pytest.fixture
def page(server: JupyterServer, connect: Callable[..., Page]) -> Page:
    return connect(server)


def test_a_subscriber_is_told_everything_and_then_what_is_new(page: Page, running: HomeRun) -> None:
    page.subscribe(running)
    page.read_event("details")
    told = {message["event"]: message for message in page.told if "event" in message}
    assert set(told) == set(TOPICS)
    assert told["run"]["data"]["status"] == "Running"
    assert told["tail"]["data"]["lines"][-1] == "epoch 1"
    running.live.print("a new line\n")
    new = page.read_event("tail", lambda tail: tail["lines"][-1] == "a new line")
    assert new["n"] > max(message["n"] for message in told.values())
    numbers = [message["n"] for message in page.told if "n" in message]
    assert numbers == sorted(set(numbers))


def test_after_a_break_it_is_told_what_it_missed_and_nothing_twice(
    server: JupyterServer, running: HomeRun, connect: Callable[..., Page]
) -> None:
    first = connect(server)
    epoch = first.subscribe(running)["epoch"]
    first.read_event("details")
    last = max(message["n"] for message in first.told if "n" in message)
    first.socket.shutdown()
    running.live.print("while nobody listened\n")
    running.live.event(60.0, status="Finalizing")
    second = connect(server)
    assert second.subscribe(running, last, epoch)["epoch"] == epoch
    second.read_event("run", lambda run: run["status"] == "Finalizing")
    second.read_event("tail", lambda tail: tail["lines"][-1] == "while nobody listened")
    assert min(message["n"] for message in second.told if "n" in message) > last
    third = connect(server)
    assert third.subscribe(running, last, "another server's")["epoch"] == epoch
    third.read_event("nodes")


def test_requests_are_answered(page: Page, running: HomeRun) -> None:
    page.subscribe(running)
    assert page.ask(running, "lines", file="user_logs/std_log.txt", first=1, count=9)[0]["ok"]["lines"] == ["epoch 1"]
    about, buffers = page.ask(running, "file", name="outputs/model.pt", offset=1000, limit=1000)
    assert (about["ok"]["size"], buffers) == (1500, [b"m" * 500])
    assert "has no file" in page.ask(running, "file", name="outputs/../../run.json", offset=0, limit=1)[0]["error"]
    assert "has no log" in page.ask(running, "lines", file="../x", first=0, count=1)[0]["error"]
    assert "Unknown request" in page.ask(running, "explode")[0]["error"]
    assert page.ask(running, "cancel")[0]["ok"] == {}
    page.read_event("run", lambda run: run["status"] == "CancelRequested")


def test_two_who_cancel_at_once_cancel_once(
    server: JupyterServer, running: HomeRun, connect: Callable[..., Page]
) -> None:
    pages = [connect(server), connect(server)]
    for page in pages:
        page.subscribe(running)
        page.say(op="request", topic=f"run/default/{running.live.id}", id=7, request="cancel")
    for page in pages:
        assert page.read(lambda message: message.get("id") == 7)["ok"] == {}
        page.read_event("run", lambda run: run["status"] == "CancelRequested")


def test_a_run_that_is_deleted_by_hand_does_no_harm(
    server: JupyterServer, running: HomeRun, ended: HomeRun, page: Page, connect: Callable[..., Page]
) -> None:
    page.subscribe(running)
    page.read_event("details")
    shutil.rmtree(running.live.paths.root)
    page.ask(running, "lines", file="user_logs/std_log.txt", first=0, count=1)  # whatever it is, there is an answer
    assert server.ask(f"/workspaces/default/runs/{running.live.id}").status == 404
    listed = server.ask("/workspaces/default/runs?text=ended_1").json()
    assert [run["id"] for run in listed["runs"]] == ["ended_1"]
    assert "epoch" in connect(server).subscribe(ended)


def test_each_follows_its_own_log(server: JupyterServer, running: HomeRun, connect: Callable[..., Page]) -> None:
    running.live.paths.build_log.write_text("step 1\n")
    one, other = connect(server), connect(server)
    for page in (one, other):
        page.subscribe(running)
    assert one.ask(running, "follow", file="system_logs/build.log")[0]["ok"] == {}
    one.read_event("tail", lambda tail: tail["lines"] == ["step 1"])
    with running.live.paths.build_log.open("a") as log:
        log.write("step 2\n")
    running.live.print("a script's line\n")
    one.read_event("tail", lambda tail: tail["lines"] == ["step 1", "step 2"])
    other.read_event("tail", lambda tail: tail["lines"][-1] == "a script's line")
    assert not [message for message in other.told if message.get("data", {}) == ["step 1", "step 2"]]


@pytest.mark.parametrize(
    "topic",
    [
        "run/default/nothing_1",
        "run/other/x",
        "run/../default/ended_1",
        "run/default/../../x",
        "run",
        "",
        "x/default/x",
    ],
)
def test_what_is_not_there_is_said(page: Page, ended: HomeRun, topic: str) -> None:
    page.say(op="subscribe", topic=topic)
    told = page.read(lambda message: "error" in message)
    assert told["topic"] == topic
    page.say(op="request", topic=topic, id=1, request="cancel")
    assert "Subscribe" in page.read(lambda message: message.get("id") == 1)["error"]


def test_what_is_no_message_ends_the_connection_and_not_the_server(
    server: JupyterServer, ended: HomeRun, connect: Callable[..., Page]
) -> None:
    for nonsense in ("", "{", "[]", '{"op": "explode", "topic": ""}', '{"op": "subscribe"}'):
        page = connect(server)
        page.socket.send(nonsense)
        assert page.socket.recv_data()[0] == websocket.ABNF.OPCODE_CLOSE
    assert server.ask("").status == 200


@pytest.mark.parametrize("token", ["", "0" * 16], ids=["none", "wrong"])
def test_nobody_listens_without_the_right_token(
    server: JupyterServer, token: str, connect: Callable[..., Page]
) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        connect(server, token=token)


def test_a_page_elsewhere_cannot_listen(server: JupyterServer, connect: Callable[..., Page]) -> None:
    """A browser sends the cookie along with what any page opens."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"{server.address}login?token={server.token}").close()
    cookie = "; ".join(f"{one.name}={one.value}" for one in jar)
    connect(server, token="", cookie=cookie, origin=server.address.removesuffix(server.base_url))
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        connect(server, token="", cookie=cookie, origin="http://elsewhere.example")


def _server_with(own_server: Callable[..., JupyterServer], tmp_path_factory: Any, authorizer: str) -> JupyterServer:
    config = tmp_path_factory.mktemp("config") / "jupyter_server_config.py"
    config.write_text(_READ_ONLY % authorizer)
    return own_server(arguments=(f"--config={config}",))


def test_who_may_only_read_cannot_cancel(
    own_server: Callable[..., JupyterServer], tmp_path_factory: pytest.TempPathFactory, connect: Callable[..., Page]
) -> None:
    server = _server_with(own_server, tmp_path_factory, "ReadOnly")
    run = HomeRun(server.home, "running_1")
    page = connect(server)
    page.subscribe(run)
    assert "not change it" in page.ask(run, "cancel")[0]["error"]
    assert page.ask(run, "search", file="user_logs/std_log.txt", query="epoch")[0]["ok"]["total"] == 1
    assert server.ask("/workspaces/default/runs/running_1").json()["status"] == "Running"
    for address, handler in ROUTES.items():
        path = address.replace("{workspace}", "default").replace("{run}", "running_1")
        for method in ("POST", "PATCH", "DELETE"):
            if method.lower() in vars(handler):
                assert server.ask(path.replace("{name}", "x"), method).status == 403
    run.end()


def test_who_may_not_see_runs_sees_none(
    own_server: Callable[..., JupyterServer], tmp_path_factory: pytest.TempPathFactory, connect: Callable[..., Page]
) -> None:
    server = _server_with(own_server, tmp_path_factory, "NotRuns")
    assert server.ask("/workspaces").status == 403
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        connect(server)
