"""What each route gives, and to whom."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from parts.home_run import HomeRun
from parts.live_run import PIXEL

from jupyter_ext.server.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from parts.jupyter_server import JupyterServer

_METHODS = [
    (address, method)
    for address, handler in ROUTES.items()
    for method in ("GET", "POST", "PATCH", "DELETE")
    if method.lower() in vars(handler)
]
_OUTSIDE = ["..", "../..", "../ended_1", "/etc/passwd", "a/../../b", ".", "x\0y", "%2e%2e", "..\\..", "~", "-rf"]
_NAMES = {"workspace": "default", "run": "ended_1", "name": "outputs/model.pt"}
_NAMES |= {"environment": "birds", "version": "1", "compute": "cluster", "model": "pt-dnn"}
_QUERIES = {
    f"/workspaces/{{workspace}}/compare{what}": "?run=ended_1&run=other&name=loss" for what in ("", "/code", "/series")
}
_BODIES: dict[tuple[str, str], dict[str, object]] = {
    ("/workspaces/{workspace}/submit", "POST"): {"folder": "", "script": "train.py"},
    ("/workspaces/{workspace}/submit/preview", "POST"): {"folder": "", "script": "train.py"},
    ("/workspaces/{workspace}/computes", "POST"): {"name": "another", "nodes": 1},
    ("/workspaces/{workspace}/computes/{compute}", "PATCH"): {"nodes": 3},
}


def _fill(address: str, **names: str) -> str:
    given = {**_NAMES, **names}
    filled = re.sub(r"{(\w+)}", lambda match: quote(given[match[1]], safe=""), address)
    return filled + _QUERIES.get(address, "")


@pytest.mark.parametrize("token", ["", "0" * 16], ids=["none", "wrong"])
@pytest.mark.parametrize(("address", "method"), _METHODS)
def test_no_route_answers_without_the_right_token(
    server: JupyterServer, ended: HomeRun, address: str, method: str, token: str
) -> None:
    refused = server.ask(_fill(address), method, token=token)
    assert refused.status == 403
    assert b"ended_1" not in refused.body


@pytest.mark.parametrize("value", _OUTSIDE, ids=repr)
@pytest.mark.parametrize(
    ("address", "method", "name"),
    [(address, method, name) for address, method in _METHODS for name in re.findall(r"{(\w+)}", address)],
)
def test_a_name_that_leads_outside_finds_nothing(
    server: JupyterServer, ended: HomeRun, address: str, method: str, name: str, value: str
) -> None:
    answer = server.ask(_fill(address, **{name: value}), method, body=_BODIES.get((address, method)))
    assert answer.status == 404
    assert b"root:" not in answer.body


def test_it_says_that_it_is_there(server: JupyterServer) -> None:
    told = server.ask("").json()
    assert set(told) == {"version", "workspace"}
    assert told["workspace"] == "default"


def test_lists(server: JupyterServer, ended: HomeRun) -> None:
    assert server.ask("/workspaces").json() == [{"name": "default"}]
    computes = server.ask("/workspaces/default/computes").json()
    assert (computes[0]["name"], computes[0]["nodes"]) == ("local", 1)
    (model,) = (each for each in server.ask("/workspaces/default/models").json() if each["name"] == "pt-dnn")
    assert (model["version"], model["size"]) == (1, 3)
    listed = server.ask("/workspaces/default/environments").json()
    (environment,) = (each for each in listed if each["name"] == "birds")
    assert environment["packages"] == ["numpy"]
    run = server.ask("/workspaces/default/runs/ended_1").json()
    assert (run["id"], run["status"], run["experiment"]) == ("ended_1", "Completed", "birds")
    files = server.ask("/workspaces/default/runs/ended_1/files").json()
    assert {file["name"]: file["size"] for file in files} == {"outputs/model.pt": 1500, "plots/x.png": len(PIXEL)}


def test_what_is_not_there_is_said_in_one_sentence(server: JupyterServer, ended: HomeRun) -> None:
    answer = server.ask("/workspaces/default/runs/nothing_1")
    assert answer.status == 404
    assert answer.json() == {"status": 404, "message": "There is no run nothing_1 in workspace 'default'."}
    assert "no workspace 'other'" in server.ask("/workspaces/other/runs").json()["message"]


def test_many_runs_come_a_page_at_a_time(own_server: Callable[..., JupyterServer]) -> None:
    server = own_server()
    runs = [HomeRun(server.home, f"page_{number:03d}") for number in range(25)]
    for run in runs:
        run.end("Failed" if run.live.id.endswith("7") else "Completed")
    seen: list[str] = []
    after = ""
    while True:
        page = server.ask(f"/workspaces/default/runs?limit=10{after}").json()
        seen += [run["id"] for run in page["runs"]]
        if page["next"] is None:
            break
        after = f"&after={quote(page['next'])}"
    assert sorted(seen) == [run.live.id for run in runs]
    assert page["counts"] == {"Completed": 23, "Failed": 2}
    failed = server.ask("/workspaces/default/runs?status=Failed&status=Canceled&text=PAGE_01").json()
    assert [run["id"] for run in failed["runs"]] == ["page_017"]
    assert server.ask("/workspaces/default/runs?experiment=none").json()["runs"] == []


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "status=Flying", "after=x", "after=,"])
def test_a_parameter_that_cannot_be_is_refused(server: JupyterServer, ended: HomeRun, query: str) -> None:
    answer = server.ask(f"/workspaces/default/runs?{query}")
    assert answer.status == 400
    assert answer.json()["message"].endswith((".", "?"))


def test_a_run_whose_record_is_damaged_hides_no_other(server: JupyterServer, running: HomeRun, ended: HomeRun) -> None:
    running.live.paths.run_json.write_text("{ not JSON")
    listed = [run["id"] for run in server.ask("/workspaces/default/runs").json()["runs"]]
    assert ended.live.id in listed
    assert running.live.id not in listed
    answer = server.ask(f"/workspaces/default/runs/{running.live.id}")
    assert answer.status == 404
    assert "is damaged" in answer.json()["message"]


def test_a_file_is_a_download_and_never_a_page(server: JupyterServer, running: HomeRun) -> None:
    page = b"<script>alert(1)</script>" * 100_000
    (running.live.paths.outputs / "a page.html").write_bytes(page)
    answer = server.ask(f"/workspaces/default/runs/{running.live.id}/files/outputs/a%20page.html")
    assert answer.body == page
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=utf-8''a%20page.html"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_link_out_of_the_run_is_not_followed(server: JupyterServer, running: HomeRun, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (running.live.paths.outputs / "link").symlink_to(tmp_path / "secret")
    answer = server.ask(f"/workspaces/default/runs/{running.live.id}/files/outputs/link")
    assert answer.status == 404
    assert "secret" not in answer.json()["message"]


def test_cancel(server: JupyterServer, running: HomeRun) -> None:
    answer = server.ask(f"/workspaces/default/runs/{running.live.id}/cancel", "POST")
    assert answer.json() == {"id": running.live.id, "status": "CancelRequested"}


def test_a_page_elsewhere_cannot_cancel(server: JupyterServer, running: HomeRun) -> None:
    """A browser sends the cookie along with what any page asks: the token against that must be there too."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"{server.address}login?token={server.token}").close()
    url = f"{server.address}aml/api/workspaces/default/runs/{running.live.id}"
    with browser.open(url) as told:
        assert told.status == 200
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        browser.open(urllib.request.Request(f"{url}/cancel", data=b"{}", method="POST"))
    refused.value.close()
    (xsrf,) = [cookie.value for cookie in jar if cookie.name == "_xsrf"]
    allowed = urllib.request.Request(f"{url}/cancel", data=b"{}", headers={"X-XSRFToken": str(xsrf)}, method="POST")
    with browser.open(allowed) as told:
        assert told.status == 200
