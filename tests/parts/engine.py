"""A Docker engine of the tests' own: its socket and data lie apart from those of the machine's."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING

from parts import MissingPart, alone, folder, last_lines, need_root, program

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_SOCKET_PATH = 107  # sun_path holds 108 bytes with its zero
_START_SECONDS = 60


def address() -> str:
    """Return the engine's address, as ``DOCKER_HOST`` takes it, whether it is started or not."""
    return f"unix://{_socket()}"


def start() -> str:
    """Start the engine unless it answers already; return its address."""
    path = _socket()
    with alone("engine"):
        if not answers(path):
            _start(path)
    return address()


def stop() -> None:
    """End the engine, by its process id; one that is not there is no error."""
    pid_file = folder() / "engine" / "pid"
    try:
        pid = int(pid_file.read_text())
        os.kill(pid, 15)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return
    deadline = time.monotonic() + 30
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)


def answers(path: Path) -> bool:
    """Tell whether an engine answers on the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(path))
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
            return b" 200 " in connection.recv(64)
        except OSError:
            return False


def _socket() -> Path:
    path = folder() / "engine" / "docker.sock"
    if len(str(path)) > _LONGEST_SOCKET_PATH:
        raise MissingPart(f"{path} is too long for a socket: set AML_TEST_PARTS to a shorter folder")
    return path


def _start(path: Path) -> None:
    need_root("starting a Docker engine")
    dockerd = program("dockerd", "docker.io")
    root = path.parent
    root.mkdir(exist_ok=True)
    stop()
    for left in (path, root / "pid"):
        left.unlink(missing_ok=True)
    log = root / "log"
    command = [dockerd, "-H", f"unix://{path}", "--data-root", str(root / "data")]
    command += ["--exec-root", str(root / "exec"), "-p", str(root / "pid")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + _START_SECONDS
    while not answers(path):
        if process.poll() is not None or time.monotonic() > deadline:
            raise MissingPart(f"the Docker engine does not start here:\n{last_lines(log)}")
        time.sleep(0.1)
    process.returncode = 0  # it stays, so that the next run finds it: no complaint when this object goes


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return True
