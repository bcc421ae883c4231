"""A real Ray cluster on this machine: a head, and three nodes with caches of their own."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import psutil

from jupyter_ext.engines.ray.local_cluster import end_cluster, start_cluster
from parts import MissingPart

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NODES = 3


class RayNodes:
    """The cluster: its address, and its processes."""

    def __init__(self, folder: Path) -> None:
        caches = {node: {"XDG_CACHE_HOME": str(folder / f"cache-{node}")} for node in range(NODES)}
        self.folder = folder
        self.address, self.processes = start_cluster(folder, NODES, 1, caches)

    def raylets(self) -> list[psutil.Process]:
        """Return the raylets of the nodes that can run something, in order."""
        return [self._raylet(pid) for pid, _ in self.processes[1:]]

    def add(self, node: int) -> None:
        """Start another node, as one has been killed."""
        from jupyter_ext.engines.ray.local_cluster import join_cluster

        given = {"XDG_CACHE_HOME": str(self.folder / f"cache-{node}")}
        self.processes.append(join_cluster(self.folder / f"again-{len(self.processes)}.log", self.address, 1, given))

    def _raylet(self, pid: int) -> psutil.Process:
        below = psutil.Process(pid).children(recursive=True)
        return next(one for one in below if one.name() == "raylet")

    def end(self) -> None:
        """End all of it."""
        end_cluster(self.processes)


def start(folder: Path) -> Iterator[RayNodes]:
    """Start the cluster; end it when the caller is through with it."""
    if importlib.util.find_spec("ray") is None:
        raise MissingPart("Ray is not installed: pip install 'ray[default]'")
    cluster = RayNodes(folder)
    yield cluster
    cluster.end()
