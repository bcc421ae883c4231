"""A Docker engine of one test's own, which it may end, on a disk as small as it likes."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parts import MissingPart, base_image, last_lines, need_root, program
from parts.engine import answers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START_SECONDS = 60


@dataclass(frozen=True)
class OwnEngine:
    """Where it is, and its process."""

    address: str
    process: subprocess.Popen[bytes]


@contextmanager
def started(root: Path, disk: str | None = None) -> Iterator[OwnEngine]:
    """Give an engine with the base image, in a network of its own: else it takes the bridge of others away.

    ``root`` has a short path, as the engine's socket lies in it. ``disk`` is the size of a disk for its images, such
    as ``300m``.
    """
    need_root("starting a Docker engine")
    unshare, dockerd = program("unshare", "util-linux"), program("dockerd", "docker.io")
    data, socket = root / "data", root / "d.sock"
    data.mkdir(parents=True)
    with ExitStack() as after:
        if disk:
            mount = ["mount", "-t", "tmpfs", "-o", f"size={disk}", "tmpfs", str(data)]
            if subprocess.run(mount, check=False).returncode:
                raise MissingPart("this machine does not let root mount a file system")
            after.callback(subprocess.run, ["umount", "-l", str(data)], check=True)
        command = [unshare, "--net", dockerd, "-H", f"unix://{socket}", "--data-root", str(data)]
        command += ["--exec-root", str(root / "x"), "-p", str(root / "pid")]
        command += ["--iptables=false", "--ip6tables=false"]
        log = after.enter_context((root / "log").open("wb"))
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        after.callback(_end, process)
        deadline = time.monotonic() + _START_SECONDS
        while not answers(socket):
            if process.poll() is not None or time.monotonic() > deadline:
                raise MissingPart(f"the Docker engine does not start here:\n{last_lines(root / 'log')}")
            time.sleep(0.1)
        base_image.make(f"unix://{socket}")
        yield OwnEngine(f"unix://{socket}", process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait()
