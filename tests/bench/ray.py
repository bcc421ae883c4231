"""A Ray cluster that is up: the first line beside Ray's own job SDK, an unchanged snapshot, and lines as they come."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import psutil

from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.ray_compute import RayCompute
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.engines.ray.local_cluster import end_cluster
from jupyter_ext.store.runners import keep_spare_runner
from tests.bench.submit import first_line
from tests.bench.table import Row, at_least, at_most, ratio_at_most

_TIMES = 5
_LIMIT_SECONDS = 300
_SNAPSHOT_BYTES = 200_000_000
_LINES = 1_000_000
_LINE_BYTES = 100
_FLOOD = f"""
line = "x" * 92
for i in range({_LINES}):
    print(f"{{i:06d}} {{line}}")
"""
# Ray's own way: submits, and waits until the job's log has something
_JOB = """
import sys, time
from ray.job_submission import JobSubmissionClient
client = JobSubmissionClient(sys.argv[1])
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    job = client.submit_job(entrypoint="python hi.py", runtime_env={"working_dir": sys.argv[3]})
    while "hi" not in client.get_job_logs(job):
        time.sleep(0.01)
    print(time.perf_counter() - began, flush=True)
"""


def measure(place: Path) -> list[Row]:
    python = _python(place / "venv")
    began, address, dashboard = _start(python, place)
    try:
        workspace = Workspace.create("bench-ray", show_output=False)
        target = RayCompute.attach_configuration(address, cpus_per_node=1)
        ComputeTarget.attach(workspace, "cluster", target)
        experiment = Experiment(workspace, "ray")
        return [
            *_first_lines(experiment, place, python, dashboard),
            _unchanged(experiment, place),
            _log(experiment, place),
        ]
    finally:
        end_cluster([began])


def _python(folder: Path) -> Path:
    """Make a Python with what Ray's jobs need, which is not needed here."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "install",
            "-q",
            "--python",
            str(python),
            f"ray[default]=={version('ray')}",
        ],
        check=True,
    )
    return python


def _start(python: Path, place: Path) -> tuple[tuple[int, float], str, str]:
    """Start a cluster of one node that has a dashboard, which takes Ray's jobs."""
    log = place / "head.log"
    command = [str(python.parent / "ray"), "start", "--head", "--block", "--disable-usage-stats", "--log-color=false"]
    with socket.create_server(("", 0)) as one, socket.create_server(("", 0)) as other:
        ports = [each.getsockname()[1] for each in (one, other)]
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*command, "--num-cpus=2", f"--port={ports[0]}", f"--dashboard-port={ports[1]}"],
            stdout=file,
            stderr=file,
            start_new_session=True,
            env={**own, "XDG_CACHE_HOME": str(place / "cache")},
        )
    limit = time.monotonic() + _LIMIT_SECONDS
    while "Ray runtime started" not in log.read_text():
        if process.poll() is not None or time.monotonic() > limit:
            raise RuntimeError(f"Ray does not start: {log.read_text()}")
        time.sleep(0.1)
    host = log.read_text().split("Local node IP: ")[1].split()[0]
    return (
        (process.pid, psutil.Process(process.pid).create_time()),
        f"{host}:{ports[0]}",
        f"http://127.0.0.1:{ports[1]}",
    )


def _first_lines(experiment: Experiment, place: Path, python: Path, dashboard: str) -> list[Row]:
    source = place / "source"
    source.mkdir()
    (source / "hi.py").write_text('print("hi")\n')
    keep_spare_runner()
    ours = []
    for _ in range(_TIMES + 1):
        time.sleep(5.0)  # the spare runner is ready again
        began = time.perf_counter()
        run = _submit(experiment, source, "hi.py")
        ours.append(first_line(run.paths.user_logs / "std_log.txt", began))
        run.wait_for_completion()
    command = [str(python), "-c", _JOB, dashboard, str(_TIMES + 1), str(source)]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=_LIMIT_SECONDS, check=True).stdout
    theirs = statistics.median(float(line) for line in said.split()[1:])
    own, what = statistics.median(ours[1:]), "Ray, the cluster up: first line"
    return [at_most(what, own, "s", 1.0), ratio_at_most(what, own, "s", "Ray's job SDK", theirs, 1 / 3)]


def _unchanged(experiment: Experiment, place: Path) -> Row:
    """Submit a large folder twice; return how much of it was sent for the second run."""
    source = place / "large"
    source.mkdir()
    (source / "hi.py").write_text('print("hi")\n')
    (source / "weights.bin").write_bytes(os.urandom(_SNAPSHOT_BYTES))
    sent = []
    for _ in range(2):
        run = _submit(experiment, source, "hi.py")
        run.wait_for_completion()
        told = run.paths.events.read_text().split(" MB of its files sent")
        sent.append(float(told[0].split()[-1]) if len(told) > 1 else 0.0)
    assert sent[0] >= _SNAPSHOT_BYTES / 1e6, sent
    return at_most("Ray: sent again of an unchanged snapshot of 200 MB", sent[1], "MB", 0)


def _log(experiment: Experiment, place: Path) -> Row:
    source = place / "flood"
    source.mkdir()
    (source / "flood.py").write_text(_FLOOD)
    run = _submit(experiment, source, "flood.py")
    log = run.paths.user_logs / "std_log.txt"
    first_line(log, time.perf_counter())
    began, had = time.perf_counter(), log.stat().st_size
    while log.stat().st_size < _LINES * _LINE_BYTES and time.perf_counter() < began + _LIMIT_SECONDS:
        time.sleep(0.005)
    seconds = time.perf_counter() - began
    run.wait_for_completion()
    assert log.stat().st_size == _LINES * _LINE_BYTES
    return at_least("Ray: log lines as they come", (log.stat().st_size - had) / 1e6 / seconds, "MB/s", 50)


def _submit(experiment: Experiment, source: Path, script: str) -> Run:
    return experiment.submit(ScriptRunConfig(str(source), script, compute_target="cluster"))
