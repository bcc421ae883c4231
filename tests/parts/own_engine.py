"""A Docker engine of one test's own, which it may end, on a disk as small as it likes."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import psutil

from parts import MissingPart, base_image, last_lines, need_root, program
from parts.engine import answers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SECONDS = 60


class OwnEngine:
    """An engine in a network of its own: else it takes the bridge of others away.

    Parameters
    ----------
    root
        Where its socket, its data and its log lie.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._socket = root / "d.sock"
        self.address = f"unix://{self._socket}"
        self.process = self._started()

    def kill(self, *, containers: bool = True) -> None:
        """Kill it and containerd, so that nothing is tidied up, and its containers with them."""
        killed = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        if containers:
            for shim in self._shims():
                killed += [shim, *shim.children(recursive=True)]
        for one in killed:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(killed, timeout=_SECONDS)

    def again(self) -> None:
        """Start it once more, where it has ended, without what keeps it from starting after :meth:`kill`."""
        if self.process.poll() is None:
            return
        containerd = self._root / "x" / "containerd"
        for left in (self._socket, self._root / "pid", *containerd.glob("*.pid"), *containerd.glob("*.sock*")):
            left.unlink(missing_ok=True)
        self.process = self._started()

    def stop(self) -> None:
        """Ask it to end, as it does when it is started anew; its containers end with it."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(20)

    def end(self) -> None:
        """End it with all that is left of it."""
        self.stop()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()
        for one in reversed(psutil.disk_partitions(all=True)):  # what one that was killed has not given back
            if one.mountpoint.startswith(f"{self._root}/") and one.fstype != "tmpfs":
                subprocess.run(["umount", "-l", one.mountpoint], check=True)

    def _shims(self) -> list[psutil.Process]:
        """Return what holds the containers, which is nobody's child, and names containerd's socket."""
        mark = str(self._root / "x")
        named = [one for one in psutil.process_iter(["name", "cmdline"]) if "containerd-shim" in one.info["name"]]
        return [one for one in named if mark in " ".join(one.info["cmdline"] or [])]

    def _started(self) -> subprocess.Popen[bytes]:
        unshare, dockerd = program("unshare", "util-linux"), program("dockerd", "docker.io")
        command = [unshare, "--net", dockerd, "-H", self.address, "--data-root", str(self._root / "data")]
        command += ["--exec-root", str(self._root / "x"), "-p", str(self._root / "pid")]
        command += ["--iptables=false", "--ip6tables=false"]
        with (self._root / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + _SECONDS
        while not answers(self._socket):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise MissingPart(f"the Docker engine does not start here:\n{last_lines(self._root / 'log')}")
            time.sleep(0.1)
        return process


@contextmanager
def started(root: Path, disk: str | None = None) -> Iterator[OwnEngine]:
    """Give an engine with the base image.

    ``root`` has a short path, as the engine's socket lies in it. ``disk`` is the size of a disk for its images, such
    as ``300m``.
    """
    need_root("starting a Docker engine")
    data = root / "data"
    data.mkdir(parents=True)
    with ExitStack() as after:
        if disk:
            mount = ["mount", "-t", "tmpfs", "-o", f"size={disk}", "tmpfs", str(data)]
            if subprocess.run(mount, check=False).returncode:
                raise MissingPart("this machine does not let root mount a file system")
            after.callback(subprocess.run, ["umount", "-l", str(data)], check=True)
        engine = OwnEngine(root)
        after.callback(engine.end)
        base_image.make(engine.address)
        yield engine
