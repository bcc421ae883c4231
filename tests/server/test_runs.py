"""What can be done with a run over REST."""

from __future__ import annotations

import io
import json
import os
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from parts.home_run import HomeRun
from parts.live_run import PIXEL

if TYPE_CHECKING:
    from parts.jupyter_server import Answer, JupyterServer

_RUNS = "/workspaces/default/runs"


def _names(answer: Answer) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_tags_and_the_name_are_changed(server: JupyterServer, running: HomeRun) -> None:
    path = f"{_RUNS}/{running.live.id}"
    body = {"display_name": "<script>birds</script>", "tags": {"set": {"lr": 0.1}, "remove": ["kind"]}}
    row = server.ask(path, "PATCH", body=body).json()
    assert (row["display_name"], row["tags"]) == ("<script>birds</script>", {"lr": "0.1"})
    assert server.ask(f"{_RUNS}?text=lr%3D0.1").json()["runs"] == [server.ask(path).json()]
    assert server.ask(path, "PATCH", body={"display_name": " "}).json()["display_name"] == running.live.id
    assert server.ask(path, "PATCH", body={"tags": {"set": {"": "x"}}}).status == 409
    for wrong in ({"status": "Completed"}, {"tags": ["x"]}, ["x"], {"tags": {"set": {"x": []}}}):
        refused = server.ask(path, "PATCH", body=wrong)
        assert refused.status == 400
        assert refused.json()["message"].startswith("The body cannot be: ")


def test_the_bundle_of_a_run_is_what_a_notebook_keeps(server: JupyterServer) -> None:
    run = HomeRun(server.home, "bundle_1")
    path = f"{_RUNS}/bundle_1/bundle"
    assert server.ask(path).json()["text/plain"].startswith("● Running  ")
    run.end()
    told = server.ask(path).json()
    assert set(told) == {"text/html", "text/plain"}
    assert told["text/plain"].startswith("✓ Completed  ")
    assert "✓ Completed</b>" in told["text/html"]


def test_a_run_is_deleted_with_what_was_said(server: JupyterServer) -> None:
    run = HomeRun(server.home, "deleted_1")
    path = f"{_RUNS}/deleted_1"
    told = server.ask(f"{path}/deletion").json()
    assert "has not ended" in told["refused"]
    refused = server.ask(path, "DELETE")
    assert (refused.status, refused.json()["message"]) == (409, told["refused"])
    run.end()
    told = server.ask(f"{path}/deletion").json()
    assert (told["refused"], told["children"], told["models"]) == (None, [], [])
    assert told["size"] > 1500
    assert server.ask(path, "DELETE").json() == told
    assert not os.path.lexists(told["folder"])
    assert server.ask(path).status == 404
    assert server.ask(path, "DELETE").status == 404


def test_what_was_not_submitted_is_not_run_again(server: JupyterServer, ended: HomeRun) -> None:
    record = json.loads(ended.live.paths.run_json.read_text())
    assert record["snapshot_id"] is None
    refused = server.ask(f"{_RUNS}/{ended.live.id}/rerun", "POST")
    assert refused.status == 409
    assert "run the cell that made it" in refused.json()["message"]


def test_outputs_come_in_a_zip(server: JupyterServer, running: HomeRun) -> None:
    wild = "<script>alert(1)</script>.txt".replace("/", "_")
    (running.live.paths.outputs / wild).write_text("wild")
    (running.live.paths.outputs / "secret").symlink_to("/etc/passwd")
    path = f"{_RUNS}/{running.live.id}/download"
    answer = server.ask(path)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=utf-8''{running.live.id}.zip"
    files = _names(answer)
    assert files["outputs/model.pt"] == b"m" * 1500
    assert (files["plots/x.png"], files[f"outputs/{wild}"]) == (PIXEL, b"wild")
    assert "outputs/secret" not in files
    assert "user_logs/std_log.txt" in files
    assert set(_names(server.ask(f"{path}?name=plots&name=outputs/model.pt"))) == {"outputs/model.pt", "plots/x.png"}


@pytest.mark.parametrize("name", ["..", "../run.json", "/etc/passwd", "outputs/../../run.json", "x\0y", "nothing"])
def test_a_name_that_leads_outside_is_no_file_of_the_zip(server: JupyterServer, ended: HomeRun, name: str) -> None:
    refused = server.ask(f"{_RUNS}/{ended.live.id}/download?name={quote(name)}")
    assert refused.status == 404
    assert "has no file or folder" in refused.json()["message"]


def test_a_huge_sparse_file_is_sent_in_pieces(server: JupyterServer, running: HomeRun) -> None:
    with (running.live.paths.outputs / "huge.bin").open("wb") as file:
        file.truncate(256 * 1024 * 1024)
    answer = server.ask(f"{_RUNS}/{running.live.id}/download?name=outputs/huge.bin")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.getinfo("outputs/huge.bin").file_size == 256 * 1024 * 1024


def test_a_run_without_a_snapshot_says_so(server: JupyterServer, running: HomeRun) -> None:
    for part in ("snapshot", "snapshot/download"):
        assert server.ask(f"{_RUNS}/{running.live.id}/{part}").status == 404


def test_text_finds_the_command_and_the_tags(server: JupyterServer, ended: HomeRun) -> None:
    for text in ("TRAIN.PY --epochs", "kind=trial", "ended_1", "Birds"):
        found = server.ask(f"{_RUNS}?limit=200&text={quote(text)}").json()["runs"]
        assert ended.live.id in {run["id"] for run in found}
    assert server.ask(f"{_RUNS}?text=kind%3Dother").json() == {**server.ask(f"{_RUNS}?text=none").json(), "runs": []}
