"""A node of a Ray cluster behind a link of its own, a pair of virtual cards, which a test can cut."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from jupyter_ext.engines.ray.local_cluster import end_cluster
from parts import MissingPart, need_root, program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parts.ray_cluster import RayNodes

# runs in the node's network; the node is large, so that a run that asks for as much is placed there
_JOIN = """
import json, sys
from pathlib import Path
from jupyter_ext.engines.ray.local_cluster import join_cluster
print(json.dumps(join_cluster(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), {"XDG_CACHE_HOME": sys.argv[4]})))
"""


class Link:
    """The link: both its ends are up until it is cut."""

    def __init__(self) -> None:
        need_root("making a network")
        self._ip = program("ip", "iproute2")
        self.name = f"aml{os.getpid()}"
        self.here, self.node = (f"10.213.{os.getpid() % 250}.{host}" for host in (1, 2))

    def make(self) -> None:
        """Make a network with one address, and the way there and back."""
        self._do("netns", "add", self.name)
        self._do("link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        self._do("addr", "add", f"{self.here}/30", "dev", self.name)
        self._do("link", "set", self.name, "up")
        self._do("-n", self.name, "addr", "add", f"{self.node}/30", "dev", "eth0")
        self._do("-n", self.name, "link", "set", "lo", "up")
        self.mend()

    def inside(self, *command: str) -> list[str]:
        """Return a command as it runs in the network."""
        return [self._ip, "netns", "exec", self.name, *command]

    def cut(self) -> None:
        """Let nothing through any more: from this side it looks as if the node was silent."""
        self._do("-n", self.name, "link", "set", "eth0", "down")

    def mend(self) -> None:
        """Let everything through again."""
        self._do("-n", self.name, "link", "set", "eth0", "up")
        self._do("-n", self.name, "route", "add", "default", "via", self.here)

    def remove(self) -> None:
        """Remove both ends, which would otherwise go a while after the network, and the network."""
        self._do("link", "del", self.name)
        self._do("netns", "del", self.name)

    def _do(self, *words: str) -> None:
        done = subprocess.run([self._ip, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise MissingPart(f"no network can be made here: ip {' '.join(words)}: {done.stderr.strip()}")


@contextmanager
def joined(nodes: RayNodes, cpus: float) -> Iterator[Link]:
    """Give a link behind which a node of ``cpus`` CPUs has joined the cluster."""
    link = Link()
    with ExitStack() as after:
        link.make()
        after.callback(link.remove)
        log, cache = nodes.folder / f"{link.name}.log", nodes.folder / "cache-apart"
        command = link.inside(sys.executable, "-c", _JOIN, str(log), nodes.address, str(cpus), str(cache))
        told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        after.callback(end_cluster, [tuple(json.loads(told.splitlines()[-1]))])
        yield link
