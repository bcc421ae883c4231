"""A private registry on this machine that asks for a user name and a password."""

from __future__ import annotations

import base64
import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parts import MissingPart, alone, folder, last_lines, program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START_SECONDS = 20


@dataclass(frozen=True)
class Registry:
    """Where the registry is and who may enter."""

    address: str
    username: str
    password: str


def start() -> Registry:
    """Start the registry unless it answers already."""
    root = folder() / "registry"
    root.mkdir(exist_ok=True)
    with alone("registry"):
        kept = root / "access"
        if kept.exists():
            registry = Registry(*kept.read_text().split())
            if _answers(registry):
                return registry
        registry = Registry(f"127.0.0.1:{_free_port()}", "tester", secrets.token_urlsafe(12))
        _start(root, registry)
        kept.write_text(f"{registry.address} {registry.username} {registry.password}")
        kept.chmod(0o600)
    return registry


@contextmanager
def own(root: Path) -> Iterator[tuple[Registry, subprocess.Popen[bytes]]]:
    """Give a registry of the test's own, in an empty folder, and its process, which the test may end."""
    root.mkdir()
    registry = Registry(f"127.0.0.1:{_free_port()}", "tester", secrets.token_urlsafe(12))
    process = serve(root, registry)
    try:
        yield registry, process
    finally:
        process.kill()
        process.wait()


def stop() -> None:
    """End the registry, by its process id; one that is not there is no error."""
    try:
        os.kill(int((folder() / "registry" / "pid").read_text()), 15)
    except (FileNotFoundError, ProcessLookupError):
        return


def _start(root: Path, registry: Registry) -> None:
    stop()
    process = serve(root, registry)
    (root / "pid").write_text(str(process.pid))
    process.returncode = 0  # it stays, so that the next run finds it: no complaint when this object goes


def serve(root: Path, registry: Registry) -> subprocess.Popen[bytes]:
    """Start a registry on what a folder has."""
    serve = program("docker-registry", "docker-registry")
    htpasswd = program("htpasswd", "apache2-utils")
    command = [htpasswd, "-Bbn", registry.username, registry.password]
    (root / "htpasswd").write_text(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    config = root / "config.yml"
    config.write_text(
        "version: 0.1\n"
        "log: {level: error, accesslog: {disabled: true}}\n"
        f"storage: {{filesystem: {{rootdirectory: {root / 'data'}}}, delete: {{enabled: true}}}}\n"
        f"http: {{addr: '{registry.address}'}}\n"
        f"auth: {{htpasswd: {{realm: tests, path: {root / 'htpasswd'}}}}}\n"
    )
    log = root / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [serve, "serve", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(registry):
        if process.poll() is not None or time.monotonic() > deadline:
            raise MissingPart(f"the registry does not start here:\n{last_lines(log)}")
        time.sleep(0.05)
    return process


def _answers(registry: Registry) -> bool:
    token = base64.b64encode(f"{registry.username}:{registry.password}".encode()).decode()
    request = urllib.request.Request(f"http://{registry.address}/v2/", headers={"Authorization": f"Basic {token}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
