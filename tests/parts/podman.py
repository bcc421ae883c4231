"""Podman's socket, with storage of the tests' own: it speaks as a Docker engine does."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from parts import MissingPart, base_image, last_lines, need_root, program
from parts.engine import answers

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS = 30
# a container within a container may not raise its limits
_SETTINGS = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n'


@contextmanager
def started(root: Path, docker_host: str) -> Iterator[str]:
    """Give the address of Podman's socket; it has the base image of the engine at ``docker_host``.

    ``root`` has a short path, as the socket lies in it.
    """
    need_root("starting Podman with a network")
    podman = program("podman", "podman")
    socket = root / "p.sock"
    settings = root / "containers.conf"
    settings.write_text(_SETTINGS)
    environment = {**os.environ, "CONTAINERS_CONF": str(settings)}
    storage = [podman, "--root", str(root / "data"), "--runroot", str(root / "run")]
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(
            [*storage, "system", "service", "--time=0", f"unix://{socket}"], stdout=log, stderr=log, env=environment
        )
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not answers(socket):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise MissingPart(f"Podman does not start here:\n{last_lines(root / 'log')}")
                time.sleep(0.1)
            base_image.hand_over(base_image.make(docker_host), docker_host, f"unix://{socket}")
            yield f"unix://{socket}"
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(2)
            process.kill()
            process.wait()
            _unmount(root)


def _unmount(root: Path) -> None:
    """Unmount what Podman leaves mounted in its storage."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for path in sorted((path for path in mounts if path.startswith(f"{root}/")), reverse=True):
        subprocess.run(["umount", "-l", path], check=True)
