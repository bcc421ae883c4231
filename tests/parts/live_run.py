"""A run directory with something of everything in it."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.runtime.inside.jupyter_aml_run.records import append_record
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.records import RunSpec, encode

if TYPE_CHECKING:
    from pathlib import Path

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass
class Live:
    """A run that a test writes, and whose parts a reader sees grow."""

    paths: RunPaths
    created: float
    canceled: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.paths.run_id

    def cancel(self) -> None:
        self.canceled.append(self.id)

    def event(self, after: float, **fields: Any) -> None:
        append_record(str(self.paths.events), {"t": self.created + after, **fields})

    def metric(self, **fields: Any) -> None:
        append_record(str(self.paths.metrics), {"t": self.created + 20.0, **fields})

    def print(self, text: str, name: str = "std_log.txt") -> None:
        with (self.paths.user_logs / name).open("a", encoding="utf-8") as log:
            log.write(text)


def make_run(root: Path) -> Live:
    paths = RunPaths(root)
    for folder in (paths.user_logs, paths.system_logs, paths.launch, paths.artifacts):
        folder.mkdir(parents=True)
    for name in ("outputs", "logs"):
        (paths.work / name).mkdir(parents=True)
        (root / name).symlink_to(f"work/{name}")
    created = round(time.time() - 100, 3)
    spec = RunSpec(
        run_id=root.name,
        experiment="birds",
        workspace="default",
        type="azureml.scriptrun",
        created=created,
        script="train.py",
        arguments=["--epochs", 3],
        snapshot_seconds=0.25,
        snapshot_files=2,
        snapshot_bytes=2048,
        environment={"name": "birds", "version": "1"},
        environment_variables={"TOKEN": "hunter2"},
        tags={"kind": "trial"},
        properties={"azureml.git.branch": "main", "ContentSnapshotId": "5f"},
    )
    paths.run_json.write_bytes(encode(spec))
    return Live(paths, created)


def fill(live: Live) -> None:
    """Write a run as far as its middle."""
    for after, status in ((0.5, "Preparing"), (10.0, "Queued"), (11.0, "Running")):
        live.event(after, status=status)
    live.print("\x1b[31mred\x1b[0m <script>alert(1)</script>\nepoch 1\n")
    for step in range(30):
        live.metric(n="loss", v=1 / (step + 1), s=step)
    live.metric(n="best", v=0.25)
    live.metric(n="plot", k="image", v="plots/x.png")
    (live.paths.artifacts / "plots").mkdir()
    (live.paths.artifacts / "plots/x.png").write_bytes(PIXEL)
    (live.paths.outputs / "model.pt").write_bytes(b"m" * 1500)
    node = {"t": live.created + 12, "node": 0, "host": "box", "cpus": 2, "cpu": 40.0, "mem": 10**9}
    append_record(str(live.paths.nodes), {**node, "mem_total": 4 * 10**9, "gpus": []})
    spec = {"version": 1, "node": 0, "ranks": [{"rank": 0}, {"rank": 1}]}
    live.paths.launch_spec(0).write_text(json.dumps(spec))


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """A run that was submitted and has not begun."""
    return make_run(tmp_path / "runs" / "birds_1")


@pytest.fixture
def running(live: Live) -> Live:
    """A run in its middle."""
    fill(live)
    return live


@pytest.fixture
def ended(running: Live) -> Live:
    """A run that has completed."""
    running.event(60.0, status="Finalizing")
    running.event(61.0, status="Completed")
    return running
