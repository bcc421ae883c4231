"""A real Ray cluster on this machine: a head, and three nodes with caches of their own."""

from __future__ import annotations

import importlib.util
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.ray_compute import RayCompute
from jupyter_ext.engines.ray.local_cluster import end_cluster, join_cluster, start_cluster
from parts import MissingPart, engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parts.submitting import Folder

NODES = 3


class RayNodes:
    """The cluster: its address, and its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._given = {node: self._variables(str(node)) for node in range(NODES)}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DOCKER_HOST", engine.address())  # the head starts containers there too
            self.address, self.processes = start_cluster(folder, NODES, 1, self._given)

    def raylets(self) -> list[psutil.Process]:
        """Return the living raylets of the nodes that can run something."""
        return [one for pid, _ in self.processes[1:] for one in _raylets(pid)]

    def mend(self) -> None:
        """Start the nodes again that a test has killed."""
        for node, process in enumerate(self.processes[1:]):
            if not _raylets(process[0]):
                end_cluster([process])
                log = self.folder / f"again-{node}.log"
                self.processes[node + 1] = join_cluster(log, self.address, 1, self._given[node])

    @contextmanager
    def joined(self, name: str, cpus: float, **variables: str) -> Iterator[None]:
        """Have one more node for a while."""
        given = self._variables(name) | variables
        process = join_cluster(self.folder / f"{name}.log", self.address, cpus, given)
        try:
            yield
        finally:
            end_cluster([process])

    def end(self) -> None:
        """End all of it."""
        end_cluster(self.processes)

    def _variables(self, name: str) -> dict[str, str]:
        """Return a node's environment variables, wherever the test that starts it finds its engine."""
        return {"XDG_CACHE_HOME": str(self.folder / f"cache-{name}"), "DOCKER_HOST": engine.address()}


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory, part: Callable[..., RayNodes]) -> Iterator[RayNodes]:
    """The cluster, which all tests of a session share."""
    started = part(lambda: _start(tmp_path_factory.mktemp("ray")))
    yield started
    started.end()


@pytest.fixture
def cluster(folder: Folder, nodes: RayNodes) -> ComputeTarget:
    """The cluster, whole, as a compute target."""
    nodes.mend()
    configuration = RayCompute.attach_configuration(nodes.address, max_nodes=NODES)
    return ComputeTarget.attach(folder.experiment.workspace, "gpu-cluster", configuration)


def _start(folder: Path) -> RayNodes:
    if importlib.util.find_spec("ray") is None:
        raise MissingPart("Ray is not installed: pip install ray")
    return RayNodes(folder)


def _raylets(pid: int) -> list[psutil.Process]:
    try:
        return [one for one in psutil.Process(pid).children(recursive=True) if one.name() == "raylet"]
    except psutil.NoSuchProcess:
        return []
