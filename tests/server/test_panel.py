"""Environments, compute targets and models, as a side panel asks for them."""

from __future__ import annotations

import io
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.models.model import Model
from jupyter_ext.core.workspaces.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from parts.events_page import Page
    from parts.home_run import HomeRun
    from parts.jupyter_server import JupyterServer

_WORKSPACE = "/workspaces/default"


@pytest.fixture
def own(server: JupyterServer, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The server's workspace, seen from a notebook."""
    monkeypatch.setenv("AML_HOME", str(server.home))
    return Workspace.setup()


def test_a_target_is_made_scaled_and_removed(server: JupyterServer, connect: Callable[..., Page]) -> None:
    page = connect(server)
    page.subscribe("computes/default")
    page.read_event("computes")
    made = server.ask(f"{_WORKSPACE}/computes", "POST", body={"name": "gpus", "nodes": 2})
    assert made.status == 201
    assert (made.json()["nodes"], made.json()["changeable"]) == (2, True)
    page.read_event("computes", lambda told: "gpus" in {one["name"] for one in told})
    taken = server.ask(f"{_WORKSPACE}/computes", "POST", body={"name": "gpus", "nodes": 3})
    assert (taken.status, "already" in taken.json()["message"]) == (409, True)
    scaled = server.ask(f"{_WORKSPACE}/computes/gpus", "PATCH", body={"nodes": 5})
    assert scaled.json()["nodes"] == 5
    assert server.ask(f"{_WORKSPACE}/computes/gpus", "PATCH", body={"nodes": 0}).status == 409
    assert server.ask(f"{_WORKSPACE}/computes/gpus", "DELETE").json() == {"name": "gpus"}
    assert server.ask(f"{_WORKSPACE}/computes/gpus", "DELETE").status == 404
    for method in ("PATCH", "DELETE"):
        assert server.ask(f"{_WORKSPACE}/computes/local", method, body={"nodes": 2}).status == 409


def test_what_the_machine_does_is_told_every_second(server: JupyterServer, connect: Callable[..., Page]) -> None:
    page = connect(server)
    page.subscribe("computes/default")
    first = page.read_event("machine")["data"]
    assert 0 < first["memory"]["used"] < first["memory"]["total"]
    second = page.read_event("machine", lambda told: told["t"] > first["t"])["data"]
    assert 0 <= second["cpu"] <= 100
    assert isinstance(second["gpus"], list)


def test_an_environment_is_built_seen_and_removed(
    server: JupyterServer, own: Workspace, connect: Callable[..., Page]
) -> None:
    environment = Environment("empty")
    environment.python.user_managed_dependencies = False
    environment.python.conda_dependencies = None
    environment.register(own)
    page = connect(server)
    page.subscribe("environments/default")

    def of(name: str, state: str) -> Callable[[Any], bool]:
        return lambda told: any(one["name"] == name and one["state"] == state for one in told)

    page.read_event("environments", of("empty", "not built"))
    path = f"{_WORKSPACE}/environments/empty/versions/1"
    assert server.ask(path, "DELETE").status == 409
    begun = server.ask(f"{path}/build", "POST", body={"force": False})
    assert begun.status == 202
    page.read_event("environments", of("empty", "built"))
    (told,) = server.ask(f"{_WORKSPACE}/environments/empty").json()
    assert (told["state"], told["building"], told["error"]) == ("built", None, None)
    assert told["size"] > 0
    assert told["built"] > time.time() - 300
    log = server.ask(f"{path}/log").json()
    assert log["size"] == len(log["text"].encode()) == log["offset"]
    assert server.ask(f"{path}/log?offset={log['offset']}").json()["text"] == ""
    assert server.ask(f"{path}/log?offset=-1").status == 400
    removed = server.ask(path, "DELETE").json()
    assert removed["bytes"] > 0
    page.read_event("environments", of("empty", "not built"))


def test_a_build_that_fails_says_why(server: JupyterServer, own: Workspace) -> None:
    environment = Environment.from_pip_requirements("broken", _requirements(server))
    environment.register(own)
    path = f"{_WORKSPACE}/environments/broken/versions/1"
    assert server.ask(f"{path}/build", "POST").status == 202
    end = time.monotonic() + 60
    while (told := server.ask(f"{_WORKSPACE}/environments/broken").json()[0])["state"] != "failed":
        assert time.monotonic() < end, told
        time.sleep(0.2)
    assert told["error"]
    assert server.ask(f"{path}/log").json()["state"] == "failed"


def _requirements(server: JupyterServer) -> str:
    file = server.place / "requirements.txt"
    file.write_text("--no-index\nno-such-package-at-all==1\n")
    return str(file)


def test_a_model_is_downloaded_and_told_when_it_comes(
    server: JupyterServer, own: Workspace, ended: HomeRun, connect: Callable[..., Page]
) -> None:
    assert server.ask(f"{_WORKSPACE}/models/pt-dnn/versions/1/download").body == b"pt!"
    for version in ("2", "x", "0", "-1"):
        assert server.ask(f"{_WORKSPACE}/models/pt-dnn/versions/{version}/download").status == 404
    page = connect(server)
    page.subscribe("models/default")
    before = len(page.read_event("models")["data"])
    folder = server.place / "several"
    (folder / "inner").mkdir(parents=True)
    (folder / "<script>.txt").write_text("one")
    (folder / "inner/two.txt").write_text("two")
    model = Model.register(own, str(folder), "several")
    told = page.read_event("models", lambda told: len(told) == before + 1)["data"]
    assert (told[0]["name"], told[0]["version"]) == ("several", 1)
    answer = server.ask(f"{_WORKSPACE}/models/several/versions/1/download")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "several/<script>.txt": b"one",
            "several/inner/two.txt": b"two",
        }
    model.delete()
    page.read_event("models", lambda told: len(told) == before)
