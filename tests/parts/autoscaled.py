"""A Ray cluster whose autoscaler starts and ends nodes, all of them on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from jupyter_ext.engines.ray.local_cluster import _own_environment, end_cluster
from parts import MissingPart, last_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_PORT = 6379  # which Ray's own provider of such nodes takes for granted
_START_SECONDS = 240
_NO_COMMANDS = ("initialization", "setup", "head_setup", "worker_setup", "head_start_ray", "worker_start_ray")
_SETTINGS = {"AUTOSCALER_UPDATE_INTERVAL_S": "1", "RAY_FAKE_CLUSTER": "1", "RAY_enable_autoscaler_v2": "0"}


@contextmanager
def started(folder: Path, most: int) -> Iterator[str]:
    """Give the address of a cluster that has up to ``most`` nodes of one CPU, and none where none is asked for."""
    configuration = {
        "cluster_name": "scaled",
        "max_workers": most,
        "provider": {"type": "fake_multinode", "use_node_id_as_ip": True, "disable_node_updaters": True},
        "available_node_types": {
            "ray.head.default": {"resources": {}, "node_config": {}, "max_workers": 0},
            "node": {"resources": {"CPU": 1}, "node_config": {}, "min_workers": 0, "max_workers": most},
        },
        "head_node_type": "ray.head.default",
        "upscaling_speed": 1.0,
        "idle_timeout_minutes": 0.1,
        "auth": {},
        "docker": {},
        "file_mounts": {},
        "cluster_synced_files": [],
        "file_mounts_sync_continuously": False,
        "rsync_exclude": [],
        "rsync_filter": [],
        **{f"{what}_commands": [] for what in _NO_COMMANDS},
    }
    file, log = folder / "autoscaler.json", folder / "head.log"
    file.write_text(json.dumps(configuration))
    ray = Path(sys.executable).parent / "ray"
    command = [str(ray), "start", "--head", "--block", "--num-cpus=0", f"--port={_PORT}", "--disable-usage-stats"]
    command += ["--include-dashboard=false", "--log-color=false", f"--autoscaling-config={file}"]
    own = {**_own_environment(), **_SETTINGS, "XDG_CACHE_HOME": str(folder / "cache")}
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True, env=own)
    found = (process.pid, psutil.Process(process.pid).create_time())
    deadline = time.monotonic() + _START_SECONDS
    try:
        while "Ray runtime started" not in log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise MissingPart(f"Ray does not start here:\n{last_lines(log)}")
            time.sleep(0.1)
        host = log.read_text().split("Local node IP: ")[1].split()[0]
        yield f"{host}:{_PORT}"
    finally:
        end_cluster([found])
        process.wait()
