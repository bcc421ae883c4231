"""A Ray cluster on this machine: several nodes that Ray takes for machines, for trying out what clusters run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from jupyter_ext.engines.ports import free_ports
from jupyter_ext.engines.ray.connection import LIGHTER, check_installed
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException

if TYPE_CHECKING:
    from collections.abc import Mapping

_START_SECONDS = 240.0
_ATTEMPTS = 5
_END_SECONDS = 20.0
_PORTS = (
    "--node-manager-port",
    "--object-manager-port",
    "--dashboard-agent-listen-port",
    "--dashboard-agent-grpc-port",
    "--runtime-env-agent-port",
    "--metrics-export-port",
)


def start_cluster(
    folder: Path,
    nodes: int,
    cpus: float,
    variables: Mapping[int, Mapping[str, str]] | None = None,
    python: str = sys.executable,
) -> tuple[str, list[tuple[int, float]]]:
    """Start a head, which takes no runs, and ``nodes`` nodes.

    Parameters
    ----------
    folder
        Gets what they print.
    cpus
        How many of each node Ray gives away.
    variables
        Environment variables of a node, by its number.
    python
        The Python whose Ray it is.

    Returns
    -------
    tuple of str and list
        The address, and for each of them, the head first, its process id and when that process began.

    Raises
    ------
    ComputeTargetException
        One does not start; what it says is in the message.
    """
    if python == sys.executable:
        check_installed()
    folder.mkdir(parents=True, exist_ok=True)
    port, client = free_ports(2)
    unneeded = ["--include-dashboard=false", "--no-monitor"]  # each takes seconds to start
    head = ["--head", f"--port={port}", "--num-cpus=0", *unneeded]
    if _has_client(python):  # whose port is another cluster's if it is not told, and which Ray does not bring by itself
        head.append(f"--ray-client-server-port={client}")
    started = []
    try:
        started.append(_start(python, folder / "head.log", head, {}))
        address = _address_of(folder / "head.log", port)
        for node in range(nodes):
            given = (variables or {}).get(node, {})
            started.append(join_cluster(folder / f"node-{node}.log", address, cpus, given, python))
    except BaseException:
        end_cluster(started)
        raise
    return address, started


def join_cluster(
    log: Path, address: str, cpus: float, variables: Mapping[str, str], python: str = sys.executable
) -> tuple[int, float]:
    """Start one more node; return its process id, and when that process began. See :func:`start_cluster`."""
    return _start(python, log, [f"--address={address}", f"--num-cpus={cpus:g}"], variables)


def end_cluster(processes: list[tuple[int, float]]) -> None:
    """End a cluster's processes, the head last, with what each has started; only those that are still the same."""
    for pid, began in reversed(processes):
        try:
            process = psutil.Process(pid)
            if abs(process.create_time() - began) > 1:
                continue
            below = process.children(recursive=True)
            process.send_signal(signal.SIGTERM)
            _, left = psutil.wait_procs([process, *below], timeout=_END_SECONDS)
        except psutil.NoSuchProcess:
            continue
        for one in left:
            with suppress(psutil.NoSuchProcess):  # it has ended just now, or its number is another's
                one.kill()


def is_alive(processes: list[tuple[int, float]]) -> bool:
    """Tell whether all processes of a cluster are there."""
    try:
        return all(abs(psutil.Process(pid).create_time() - began) <= 1 for pid, began in processes)
    except psutil.NoSuchProcess:
        return False


def _has_client(python: str) -> bool:
    asked = "import importlib.util as u; raise SystemExit(u.find_spec('grpc') is None)"
    return subprocess.run([python, "-c", asked], check=False).returncode == 0


def _start(python: str, log: Path, arguments: list[str], variables: Mapping[str, str]) -> tuple[int, float]:
    for attempt in range(_ATTEMPTS):  # where a machine is busy, Ray's own waits for its parts are too short at times
        started = _started(python, log, arguments, variables)
        if started is not None:
            return started
        log.rename(log.with_suffix(f".{attempt}.log"))
    lines = log.with_suffix(f".{_ATTEMPTS - 1}.log").read_text(errors="replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing.")
    raise ComputeTargetException(f"Ray does not start on this machine: {said} ({log.parent} has more.)")


def _started(python: str, log: Path, arguments: list[str], variables: Mapping[str, str]) -> tuple[int, float] | None:
    # ports that are given: Ray's own choice of several nodes on one machine meets now and then
    ports = [f"{name}={port}" for name, port in zip(_PORTS, free_ports(len(_PORTS)), strict=True)]
    command = [
        str(Path(python).parent / "ray"),
        "start",
        "--block",
        "--disable-usage-stats",
        "--include-log-monitor=false",
        "--log-color=false",
        *arguments,
        *ports,
    ]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            env={**_own_environment(), **variables},
            cwd="/",
        )
    began = psutil.Process(process.pid).create_time()
    limit = time.monotonic() + _START_SECONDS
    while "Ray runtime started" not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > limit:
            end_cluster([(process.pid, began)])
            return None
        time.sleep(0.05)
    # the system keeps an ended child until somebody has asked how it ended
    threading.Thread(target=process.wait, daemon=True, name="aml-reap").start()
    return process.pid, began


def _own_environment() -> dict[str, str]:
    """Return this process's variables; a cluster that compiles Ray anew in each of its processes takes a minute."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**own, "PYTHONPATH": os.pathsep.join([str(LIGHTER), *filter(None, [own.get("PYTHONPATH")])])}


def _address_of(log: Path, port: int) -> str:
    marker = "Local node IP: "
    line = next(line for line in log.read_text(errors="replace").splitlines() if marker in line)
    return f"{line.split(marker)[1].strip()}:{port}"
