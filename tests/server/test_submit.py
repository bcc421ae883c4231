"""A folder submitted by a form, without a kernel."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from parts.jupyter_server import JupyterServer

_WORKSPACE = "/workspaces/default"
_SCRIPT = """
import os, sys
print("arguments", sys.argv[1:], "in", sys.executable)
os.makedirs("outputs", exist_ok=True)
open("outputs/<script>.txt", "w").write("made")
"""


@pytest.fixture
def project(server: JupyterServer, request: pytest.FixtureRequest) -> Path:
    """A folder under the server's root, with a script and more."""
    folder = server.folder / request.node.name.split("[")[0]
    folder.mkdir(exist_ok=True)
    (folder / "src").mkdir(exist_ok=True)
    (folder / "train.py").write_text(_SCRIPT)
    (folder / "src/eval.py").write_text("")
    (folder / "data.bin").write_bytes(b"x" * 5000)
    (folder / ".env").write_text("PASSWORD=x\n")
    return folder


def _ask(server: JupyterServer, what: str, **form: Any) -> Any:
    return server.ask(f"{_WORKSPACE}/{what}", "POST", body=form)


def _until_ended(server: JupyterServer, run_id: str) -> dict[str, Any]:
    end = time.monotonic() + 60
    while True:
        row: dict[str, Any] = server.ask(f"{_WORKSPACE}/runs/{run_id}").json()
        if row["status"] in {"Completed", "Failed", "Canceled"}:
            return row
        assert time.monotonic() < end, row
        time.sleep(0.1)


def test_what_would_be_sent_is_told_and_nothing_made(server: JupyterServer, project: Path) -> None:
    before = server.ask(f"{_WORKSPACE}/runs").json()["counts"]
    form = {"folder": project.name, "script": "train.py", "arguments": "--lr 0.1 'a b' $HOME", "nodes": 1}
    told = _ask(server, "submit/preview", **form).json()
    assert (told["folder"], told["files"], told["errors"]) == (str(project), 4, [])
    assert told["largest"][0] == {"name": "data.bin", "size": 5000}
    assert [secret["name"] for secret in told["secrets"]] == [".env"]
    assert told["line"] == "%aml_submit train.py --lr 0.1 'a b' '$$HOME'"
    assert (told["python"], told["experiment"]) == (sys.executable, project.name)
    assert server.ask(f"{_WORKSPACE}/runs").json()["counts"] == before


def test_a_form_is_submitted_and_run_again(server: JupyterServer, project: Path) -> None:
    form = {"folder": f"/{project.name}/", "script": "train.py", "arguments": ["--lr", "a b"], "tags": {"by": "form"}}
    answer = _ask(server, "submit", **form, kernel_name="python3", experiment="forms")
    assert answer.status == 201
    row = _until_ended(server, answer.json()["id"])
    assert (row["status"], row["experiment"], row["tags"]) == ("Completed", "forms", {"by": "form"})
    assert row["command"] == "train.py --lr 'a b'"
    again = server.ask(f"{_WORKSPACE}/runs/{row['id']}/rerun", "POST")
    assert again.status == 201
    assert again.json()["id"] != row["id"]
    assert _until_ended(server, again.json()["id"])["status"] == "Completed"
    names = [one["name"] for one in server.ask(f"{_WORKSPACE}/runs/{row['id']}/snapshot").json()["files"]]
    assert sorted(names) == [".env", "data.bin", "src/eval.py", "train.py"]
    files = server.ask(f"{_WORKSPACE}/runs/{row['id']}/files").json()
    assert [file["name"] for file in files] == ["outputs/<script>.txt"]


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"script": "none.py"}, "script", "There is no script none.py"),
        ({"script": ""}, "script", "Which script"),
        ({"script": "../train.py"}, "script", "There is no script"),
        ({"script": "/etc/passwd"}, "script", "There is no script"),
        ({"arguments": "'a"}, "arguments", "cannot be split"),
        ({"environment": "none"}, "environment", "none"),
        ({"environment": "../x"}, "environment", "../x"),
        ({"compute": "none"}, "compute", "there is no compute target 'none'"),
        ({"compute": "../../x"}, "compute", "there is no compute target"),
        ({"nodes": 2}, "nodes", "ask for fewer"),
        ({"nodes": 0}, "nodes", "at least 1"),
        ({"processes_per_node": -1}, "processes_per_node", "at least 1"),
        ({"experiment": "../x"}, "experiment", "../x"),
        ({"kernel_name": "none"}, "kernel_name", "There is no kernel 'none'"),
        ({"kernel_name": "../x"}, "kernel_name", "There is no kernel"),
        ({"folder": ".."}, "folder", "outside"),
        ({"folder": "../home"}, "folder", "outside"),
        ({"folder": "nowhere"}, "folder", "There is no folder"),
        ({"folder": "x\0y"}, "folder", "outside"),
        ({"folder": "link"}, "folder", "outside"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(
    server: JupyterServer, project: Path, wrong: dict[str, Any], field: str, message: str
) -> None:
    link = server.folder / "link"
    if not link.is_symlink():
        link.symlink_to("/etc")
    before = server.ask(f"{_WORKSPACE}/runs").json()["counts"]
    form = {"folder": project.name, "script": "train.py", **wrong}
    told = _ask(server, "submit/preview", **form).json()
    assert [error["field"] for error in told["errors"]] == [field]
    assert message in told["errors"][0]["message"]
    refused = _ask(server, "submit", **form)
    assert (refused.status, refused.json()["errors"]) == (400, told["errors"])
    assert server.ask(f"{_WORKSPACE}/runs").json()["counts"] == before


def test_what_is_no_form_is_refused(server: JupyterServer, project: Path) -> None:
    for wrong in ({}, {"folder": 3, "script": "x"}, {"folder": "", "script": "x", "shell": "rm"}):
        refused = _ask(server, "submit", **wrong)
        assert refused.status == 400
        assert refused.json()["message"].startswith("The body cannot be: ")


def test_scripts_of_a_folder(server: JupyterServer, project: Path) -> None:
    (project / "cells.ipynb").write_text("{}")
    told = server.ask(f"{_WORKSPACE}/scripts?folder={project.name}").json()
    assert told == {"folder": str(project), "scripts": ["cells.ipynb", "train.py", "src/eval.py"], "more": False}
    for outside in ("..", "../..", "/../..", "nowhere", "x%00y", f"{project.name}/train.py"):
        assert server.ask(f"{_WORKSPACE}/scripts?folder={outside}").status == 404
