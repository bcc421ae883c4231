"""Runs beside each other, over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from parts.home_run import HomeRun
from parts.submitting import until

if TYPE_CHECKING:
    from parts.jupyter_server import JupyterServer

_COMPARE = "/workspaces/default/compare"
_SCRIPT = "from azureml.core import Run\nrun = Run.get_context()\nfor step in range(5): run.log('loss', step * {})\n"


@pytest.fixture(scope="module")
def pair(server: JupyterServer) -> tuple[str, str]:
    """Two runs of a folder whose script has changed in between."""
    folder = server.folder / "compared"
    folder.mkdir(exist_ok=True)
    ids = []
    for factor in (1, 2):
        (folder / "train.py").write_text(_SCRIPT.format(factor))
        form = {"folder": "compared", "script": "train.py", "arguments": ["--lr", str(factor / 10)]}
        ids.append(server.ask("/workspaces/default/submit", "POST", body=form).json()["id"])
    for run_id in ids:
        until(lambda run_id=run_id: _status(server, run_id) == "Completed", 60)
    return ids[0], ids[1]


def _status(server: JupyterServer, run_id: str) -> str:
    return str(server.ask(f"/workspaces/default/runs/{run_id}").json()["status"])


def test_what_differs_is_told_of_two_and_of_more(server: JupyterServer, pair: tuple[str, str], ended: HomeRun) -> None:
    one, two = pair
    told = server.ask(f"{_COMPARE}?run={one}&run={two}").json()
    assert [run["id"] for run in told["runs"]] == [one, two]
    facts = {(fact["group"], fact["name"]): fact["values"] for fact in told["facts"]}
    assert facts["arguments", "--lr"] == ["0.1", "0.2"]
    assert facts["metrics", "loss"] == ["4", "8"]
    assert facts["run", "snapshot"][0] != facts["run", "snapshot"][1]
    assert {"group": "run", "name": "script", "value": "train.py"} in told["same"]
    assert told["metrics"] == ["loss"]
    three = server.ask(f"{_COMPARE}?run={one}&run={two}&run={ended.live.id}").json()
    facts = {(fact["group"], fact["name"]): fact["values"] for fact in three["facts"]}
    assert facts["tags", "kind"] == [None, None, "trial"]
    assert facts["environment", "environment"][2] == "birds:1"
    assert three["metrics"] == ["best", "loss"]


def test_code_and_metrics_of_both(server: JupyterServer, pair: tuple[str, str], ended: HomeRun) -> None:
    one, two = pair
    code = server.ask(f"{_COMPARE}/code?run={one}&run={two}").json()
    assert (code["runs"], code["same"], code["more"]) == ([one, two], 0, 0)
    (file,) = code["files"]
    assert (file["name"], file["change"]) == ("train.py", "changed")
    assert "-for step in range(5): run.log('loss', step * 1)\n+for step" in file["diff"]
    told = server.ask(f"{_COMPARE}/series?run={one}&run={two}&name=loss").json()
    assert [(one["run"], one["x"], one["y"]) for one in told["series"]] == [
        (one, [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
        (two, [0, 1, 2, 3, 4], [0, 2, 4, 6, 8]),
    ]
    timed = server.ask(f"{_COMPARE}/series?run={one}&run={two}&name=loss&axis=time&pixels=10").json()
    assert all(0 <= x < 60 for one in timed["series"] for x in one["x"])
    assert server.ask(f"{_COMPARE}/series?run={one}&run={two}&name=none").json()["series"] == []
    refused = server.ask(f"{_COMPARE}/code?run={one}&run={ended.live.id}")
    assert refused.status == 404


@pytest.mark.parametrize(
    "query",
    ["", "run=ended_1", "run=ended_1&run=ended_1", "&".join(f"run=x{number}" for number in range(21))],
)
def test_a_wrong_number_of_runs_is_refused(server: JupyterServer, ended: HomeRun, query: str) -> None:
    for path in ("", "/code", "/series"):
        refused = server.ask(f"{_COMPARE}{path}?name=loss&{query}")
        assert refused.status == 400
        assert "name 2" in refused.json()["message"]


@pytest.mark.parametrize("query", ["axis=x", "pixels=0", "pixels=x", "pixels=10001"])
def test_a_parameter_that_cannot_be_is_refused(server: JupyterServer, ended: HomeRun, query: str) -> None:
    assert server.ask(f"{_COMPARE}/series?run=a&run=b&name=loss&{query}").status == 400


@pytest.mark.parametrize("value", ["..", "../ended_1", "/etc/passwd", "x\0y", "nothing_1"])
def test_a_run_that_leads_outside_is_not_found(server: JupyterServer, ended: HomeRun, value: str) -> None:
    for path in ("", "/code", "/series"):
        query = f"run={ended.live.id}&run={quote(value, safe='')}&name=loss"
        assert server.ask(f"{_COMPARE}{path}?{query}").status == 404
