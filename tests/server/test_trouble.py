"""What goes wrong around a server: it dies, a log is huge, two ask for the same, a proxy calls it otherwise."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from parts.home_run import HomeRun
from parts.jupyter_server import JupyterServer
from parts.rewriting_proxy import RewritingProxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from parts.events_page import Page

_RUNS = "/workspaces/default/runs"
_TEN_GB = 10 * 1024**3


def test_after_the_server_was_killed_the_list_is_whole(
    own_server: Callable[..., JupyterServer], connect: Callable[..., Page]
) -> None:
    server = own_server()
    ended, going, gone = (HomeRun(server.home, name) for name in ("ended_1", "going_1", "gone_1"))
    ended.end()
    page = connect(server)
    epoch = page.subscribe("runs/default")["epoch"]
    page.read_event("counts", lambda counts: counts["total"] == 3)
    last = max(message["n"] for message in page.told if "n" in message)
    server.kill()
    going.end("Failed", "killed in between")
    gone.end()
    shutil.rmtree(gone.live.paths.root)
    new = HomeRun(server.home, "new_1")
    server.start()
    again = connect(server)
    assert again.subscribe("runs/default", last, epoch)["epoch"] != epoch
    again.read_event("counts")
    told = [message["data"] for message in again.told if message.get("event") == "row"]
    assert sorted((row["id"], row["status"]) for row in told) == [
        ("ended_1", "Completed"),
        ("going_1", "Failed"),
        ("new_1", "Running"),
    ]
    new.end()


def test_a_log_of_ten_gigabytes_holds_nobody_up(
    server: JupyterServer, running: HomeRun, connect: Callable[..., Page]
) -> None:
    log = running.live.paths.user_logs / "std_log.txt"
    with log.open("ab") as file:
        file.truncate(_TEN_GB)
        file.seek(_TEN_GB)
        file.write(b"\nepoch 9/10 the end\n")
    page = connect(server)
    page.subscribe("runs/default")
    row = page.read_event("row", lambda row: row["id"] == running.live.id and row["progress"] is not None)["data"]
    assert (row["line"], row["progress"]["text"]) == ("epoch 9/10 the end", "epoch 9/10")
    assert "epoch" in page.subscribe(running)
    assert server.ask(f"{_RUNS}/{running.live.id}").json()["line"] == "epoch 9/10 the end"
    log.unlink()


def test_two_who_cancel_and_delete_at_once(server: JupyterServer, running: HomeRun) -> None:
    path = f"{_RUNS}/{running.live.id}"
    with ThreadPoolExecutor(4) as browsers:
        canceled = list(browsers.map(lambda _: server.ask(f"{path}/cancel", "POST"), range(4)))
    assert {(answer.status, answer.json()["status"]) for answer in canceled} == {(200, "CancelRequested")}
    running.end("Canceled")
    with ThreadPoolExecutor(4) as browsers:
        deleted = [answer.status for answer in browsers.map(lambda _: server.ask(path, "DELETE"), range(4))]
    assert 200 in deleted
    assert set(deleted) <= {200, 404, 409}
    assert not running.live.paths.root.exists()


def test_a_proxy_may_call_it_by_another_path(
    server: JupyterServer, running: HomeRun, connect: Callable[..., Page]
) -> None:
    proxy = RewritingProxy(urlsplit(server.address).port or 0, "/hub/user/me/", server.base_url)
    outside = _Outside(proxy.address, server.token)
    try:
        told = outside.ask(f"{_RUNS}/{running.live.id}")
        assert told.json()["id"] == running.live.id
        assert server.base_url.encode() not in told.body
        assert outside.ask(f"{_RUNS}/{running.live.id}/files/outputs/model.pt").body == b"m" * 1500
        assert outside.ask(f"{_RUNS}/{running.live.id}/cancel", "POST").status == 200
        page = connect(outside)
        page.subscribe("runs/default")
        page.read_event("row", lambda row: row["status"] == "CancelRequested")
    finally:
        proxy.close()


class _Outside(JupyterServer):
    """The server, as it is seen from outside of a proxy."""

    address = ""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self.token = token
