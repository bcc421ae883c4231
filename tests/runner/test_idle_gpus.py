"""A run whose GPUs do nothing is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.runner.idle_gpus import IDLE_SECONDS, IdleGpus
from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.store.paths import RunPaths

if TYPE_CHECKING:
    from pathlib import Path


def idle_since(tmp_path: Path) -> float | None:
    since: float | None = read_state(str(tmp_path))["gpus_idle"]
    return since


def test_ten_minutes_of_nothing_are_marked_and_work_takes_it_back(tmp_path: Path) -> None:
    idle = IdleGpus(RunPaths(tmp_path))
    idle.look(0, [40, 0])
    idle.look(1, [0, None])
    idle.look(IDLE_SECONDS, [0, 0])
    assert idle_since(tmp_path) is None
    idle.look(IDLE_SECONDS + 1, [0, 0])
    assert idle_since(tmp_path) == 1
    assert read_state(str(tmp_path))["note"] == "its GPUs have done nothing for 10 min"
    idle.look(IDLE_SECONDS + 2, [0, 0])
    again = IdleGpus(RunPaths(tmp_path))  # another runner goes on where it was
    again.look(IDLE_SECONDS + 3, [0, 0])
    assert len((tmp_path / "events.jsonl").read_text().splitlines()) == 1
    again.look(IDLE_SECONDS + 4, [0, 3])
    assert idle_since(tmp_path) is None


def test_who_has_no_gpu_is_not_idle(tmp_path: Path) -> None:
    idle = IdleGpus(RunPaths(tmp_path))
    for t in (0, IDLE_SECONDS, 2 * IDLE_SECONDS):
        idle.look(t, [])
    idle.look(3 * IDLE_SECONDS, [None])
    assert idle_since(tmp_path) is None
