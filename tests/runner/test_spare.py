"""What a spare runner has ready before there is a run."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.store.paths import home as run_home
from jupyter_ext.store.records import ComputeRecord, RayCluster, encode

if TYPE_CHECKING:
    from pathlib import Path

READY = """
import sys
from jupyter_ext.runner.__main__ import _get_ready
_get_ready()
print("ray" in sys.modules)
"""


@pytest.mark.parametrize("kind", ["Ray", "AmlCompute"])
@pytest.mark.usefixtures("no_engine")
def test_ray_is_loaded_ahead_where_a_cluster_is_a_target(home: Path, kind: str) -> None:
    computes = run_home() / "ws" / "computes"
    computes.mkdir(parents=True)
    ray = RayCluster(address="127.0.0.5:6379", cpus=1) if kind == "Ray" else None
    record = ComputeRecord(name="target", type=kind, min_nodes=0, max_nodes=1, ray=ray, created=1.0, modified=1.0)
    (computes / "target.json").write_bytes(encode(record))
    command = [sys.executable, "-c", READY]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as spare:
        assert spare.stdout is not None
        assert spare.stdout.read() == f"{kind == 'Ray'}\n"  # stdin is open meanwhile, and no run has come
