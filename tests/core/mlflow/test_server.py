"""MLflow's own server over a workspace, as ``mlflow ui`` starts it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

import pytest
from parts.submitting import Folder, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

START_SECONDS = 180.0


@pytest.fixture
def api(folder: Folder, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Calls the REST interface of a server over the test's workspace."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    uri = folder.experiment.workspace.get_mlflow_tracking_uri()
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--port", str(port)]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}

    def call(path: str, **body: Any) -> Any:
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/{path}", data, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read().decode()
        return json.loads(text) if text.startswith("{") else text

    def answers() -> bool:
        try:
            return bool(call("health") == "OK")
        except (URLError, ConnectionError):
            return False

    with (
        (tmp_path / "server.log").open("wb") as log,
        subprocess.Popen(
            [*command, "--backend-store-uri", uri], stdout=log, stderr=log, env=environment, cwd=tmp_path
        ) as process,
    ):
        try:
            until(lambda: answers() or process.poll() is not None, START_SECONDS)
            assert process.poll() is None, (tmp_path / "server.log").read_text()
            yield call
        finally:
            process.terminate()


def test_it_shows_experiments_runs_metrics_and_files(folder: Folder, api: Callable[..., Any]) -> None:
    run = folder.submit(
        "from azureml.core import Run\nrun = Run.get_context()\n"
        "for value in (3, 2, 1):\n    run.log('loss', value)\nopen('outputs/m.txt', 'w').write('weights')\n"
    )
    run.wait_for_completion()
    experiments = api("api/2.0/mlflow/experiments/search", max_results=10)["experiments"]
    assert [one["name"] for one in experiments] == ["exp"]
    (found,) = api("api/2.0/mlflow/runs/search", experiment_ids=["exp"])["runs"]
    assert (found["info"]["run_id"], found["info"]["status"]) == (run.id, "FINISHED")
    assert [(one["key"], one["value"]) for one in found["data"]["metrics"]] == [("loss", 1)]
    history = api(f"api/2.0/mlflow/metrics/get-history?run_id={run.id}&metric_key=loss")["metrics"]
    assert [one["value"] for one in history] == [3, 2, 1]
    files = api(f"api/2.0/mlflow/artifacts/list?run_id={run.id}&path=outputs")["files"]
    assert [one["path"] for one in files] == ["outputs/m.txt"]
    assert api(f"get-artifact?run_uuid={run.id}&path=outputs/m.txt") == "weights"
    assert api("ajax-api/2.0/mlflow/experiments/search-datasets", experiment_ids=["exp"]) in (
        {},
        {"dataset_summaries": []},
    )
