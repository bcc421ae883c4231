"""A terminal where a run is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import websocket
from parts.home_run import HomeRun
from parts.submitting import until

from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.workspaces.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from parts.jupyter_server import JupyterServer

_RUNS = "/workspaces/default/runs"


def _says(server: JupyterServer, name: str, command: str, expected: str) -> None:
    address = f"{server.address.replace('http', 'ws', 1)}terminals/websocket/{name}?token={server.token}"
    socket = websocket.create_connection(address, timeout=20)
    try:
        socket.send(json.dumps(["stdin", command + "\r"]))
        said = ""
        while expected not in said:
            kind, *parts = json.loads(socket.recv())
            said += parts[0] if kind == "stdout" else ""
    finally:
        socket.shutdown()


def test_it_opens_in_the_working_directory(server: JupyterServer, running: HomeRun) -> None:
    told = server.ask(f"{_RUNS}/{running.live.id}/terminal", "POST").json()
    assert (told["kind"], told["where"]) == ("folder", str(running.live.paths.work))
    _says(server, told["name"], "echo in:$(pwd):", f"in:{running.live.paths.work}:")


def test_a_server_without_terminals_says_so(own_server: Callable[..., JupyterServer]) -> None:
    server = own_server(arguments=("--ServerApp.terminals_enabled=False",))
    run = HomeRun(server.home, "ended_1")
    run.end()
    refused = server.ask(f"{_RUNS}/ended_1/terminal", "POST")
    assert refused.status == 409
    assert "terminals_enabled" in refused.json()["message"]


def test_it_opens_in_the_container_while_that_lives(
    own_server: Callable[..., JupyterServer], engine: str, base_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own_server(environment={"DOCKER_HOST": engine})
    monkeypatch.setenv("AML_HOME", str(server.home))
    workspace = Workspace.setup()
    environment = Environment("boxed")
    environment.docker.base_image = base_image
    environment.python.user_managed_dependencies = True
    environment.register(workspace)
    (server.folder / "train.py").write_text("import time\nprint('waits', flush=True)\ntime.sleep(120)\n")
    form = {"folder": "", "script": "train.py", "environment": "boxed"}
    run_id = server.ask("/workspaces/default/submit", "POST", body=form).json()["id"]
    until(lambda: server.ask(f"{_RUNS}/{run_id}").json()["line"] == "waits", 120)
    told = server.ask(f"{_RUNS}/{run_id}/terminal", "POST").json()
    assert (told["kind"], told["where"]) == ("container", f"aml-{run_id}-0")
    _says(server, told["name"], "echo in:$(pwd):$(hostname):", "/work:node-0:")
    assert server.ask(f"{_RUNS}/{run_id}/cancel", "POST").status == 200
    until(lambda: server.ask(f"{_RUNS}/{run_id}").json()["status"] == "Canceled", 60)
    after = server.ask(f"{_RUNS}/{run_id}/terminal", "POST").json()
    assert after["kind"] == "folder"
