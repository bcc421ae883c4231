"""Samples of the node of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jupyter_ext.runner.sampling import Sampling
from jupyter_ext.store.paths import RunPaths

if TYPE_CHECKING:
    from pathlib import Path


def test_one_a_second(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    sampling = Sampling(paths)
    for _ in range(5):
        sampling.tick()
    (line,) = paths.nodes.read_text().splitlines()
    assert json.loads(line)["node"] == 0


def test_a_sample_that_cannot_be_written_does_not_end_the_run(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    paths.nodes.mkdir()
    Sampling(paths).tick()
    assert paths.nodes.is_dir()
