from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.engines.ray.local_cluster import start_cluster
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException

if TYPE_CHECKING:
    from pathlib import Path


def test_why_ray_does_not_start_is_told_in_its_last_line(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    python, ray = tmp_path / "bin/python", tmp_path / "bin/ray"
    python.symlink_to(sys.executable)
    ray.write_text("#!/bin/sh\nprintf 'Traceback:\\n  File x\\n    ^^^^\\nValueError: no room\\n\\n'\nexit 1\n")
    ray.chmod(0o755)
    with pytest.raises(ComputeTargetException) as caught:
        start_cluster(tmp_path / "ray", 0, 1, python=str(python))
    told = f"Ray does not start on this machine: ValueError: no room ({tmp_path / 'ray'} has more.)"
    assert caught.value.message == told
