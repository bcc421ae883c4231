"""A launcher as the remote shell of another node's ``mpirun``."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jupyter_ext

RUNTIME = Path(jupyter_ext.__file__).parent / "runtime"
TOKEN = "abc"


class Served:
    """A node that waits for commands."""

    def __init__(self, path: Path, port: int) -> None:
        self.path = path
        for name in ("launch", "work"):
            (path / name).mkdir()
        serve = {"port": port, "token": TOKEN, "log": "user_logs/mpi_log_1.txt", "env": {"TOLD": "yes"}}
        spec = {"version": 1, "node": 1, "argv": ["mpirun"], "cwd": "work", "ranks": [], "serve": serve}
        (path / "launch" / "1.json").write_text(json.dumps(spec))
        self.port = port
        self.process = subprocess.Popen([sys.executable, "-I", "-S", RUNTIME / "launcher.py", path, "1"])

    def events(self, kind: str) -> list[dict[str, Any]]:
        file = self.path / "launch" / "1.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [event for event in map(json.loads, lines) if event["event"] == kind]

    def ask(self, command: str, token: str = TOKEN) -> subprocess.Popen[str]:
        variables = {"AML_LAUNCHERS": f"node-0=nowhere:1,node-1=127.0.0.1:{self.port}", "AML_LAUNCHER_TOKEN": token}
        line = [sys.executable, "-I", "-S", RUNTIME / "mpi_shell.py", "node-1", command]
        return subprocess.Popen(line, env={**os.environ, **variables}, stderr=subprocess.PIPE, text=True)

    def said(self) -> str:
        log = self.path / "user_logs" / "mpi_log_1.txt"
        return log.read_text() if log.exists() else ""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        return int(opened.getsockname()[1])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path, free_port())
    yield made
    made.process.kill()
    made.process.wait()


def until(true: Any) -> None:
    limit = time.monotonic() + 20
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.01)


@pytest.mark.parametrize("code", [0, 3])
def test_a_command_ends_as_it_would_in_a_shell(served: Served, code: int) -> None:
    with served.ask(f"echo $TOLD; exit {code}") as asking:
        assert asking.wait(20) == code
    assert served.process.wait(20) == code
    assert served.said() == "yes\n"
    assert [one["code"] for one in served.events("exit")] == [code]


def test_a_stranger_starts_nothing(served: Served) -> None:
    with served.ask("echo bad", token="guess") as stranger:
        assert "is gone" in str(stranger.communicate()[1])
        assert stranger.returncode == 1
    with socket.create_connection(("127.0.0.1", served.port)) as silent:
        silent.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert silent.recv(100) == b""
    with served.ask("echo good") as asking:
        assert asking.wait(20) == 0
    assert served.said() == "good\n"


def test_a_command_ends_with_who_asked_for_it(served: Served) -> None:
    with served.ask("echo on; sleep 300") as asking:
        until(lambda: served.said() == "on\n")
        asking.kill()
    assert served.process.wait(20) == 143
    assert served.events("end")[0]["reason"] == "ended with the other nodes"


def test_it_waits_for_a_command_and_ends_when_it_is_told(served: Served) -> None:
    until(lambda: served.events("serving"))
    served.process.terminate()
    assert served.process.wait(20) == 143


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        port = int(opened.getsockname()[1])
        taken = Served(tmp_path, port)
        assert taken.process.wait(20) == 127
    (end,) = taken.events("end")
    assert end["reason"] == f"cannot start: port {port} of this node cannot be used: Address already in use"


def test_a_node_that_is_not_there(served: Served) -> None:
    line = [sys.executable, "-I", "-S", RUNTIME / "mpi_shell.py", "node-7", "ls"]
    variables = {**os.environ, "AML_LAUNCHERS": "node-0=a:1,node-1=b:2"}
    asked = subprocess.run(line, env=variables, capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stderr) == (1, "There is no node node-7 in this run: it has node-0, node-1.\n")
