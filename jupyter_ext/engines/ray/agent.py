"""One node of a run, on the node: lays the run out, starts its launcher, and tells what its files grew by."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.engines.ports import free_ports
from jupyter_ext.engines.process import RUNTIME, ProcessNode
from jupyter_ext.engines.ray.cache import Laid, NodeCache, cache_folder
from jupyter_ext.engines.ray.growth import Growth, tail_of
from jupyter_ext.engines.sampler import sample
from jupyter_ext.runtime.inside.jupyter_aml_run.records import append_record
from jupyter_ext.store.paths import RunPaths

if TYPE_CHECKING:
    from jupyter_ext.engines.container import ContainerNode

# how the specification of a launcher calls the run directory and the runtime, as in a container
RUN_DIR, RUNTIME_DIR = "/aml/run", "/aml/runtime"
PYTHON = "/aml/python"
"""What stands there for the Python of a node's processes."""

_OF_RAY = "/engines/ray/lighter"  # what a cluster that is started by us has on its path
_INPUTS = "inputs.json"
_BEAT_SECONDS = 1.0
_LOOK_SECONDS = 0.02
_IDLE_DAYS = 30


class Agent:
    """One node of a run.

    Parameters
    ----------
    run_id
        The run.
    node
        The node's number in it.
    """

    def __init__(self, run_id: str, node: int) -> None:
        self._paths = RunPaths(cache_folder() / "runs" / f"{run_id}.{node}" / run_id)
        self._number = node
        self._cache = NodeCache()
        self._growth = Growth(self._paths.root, node)
        self._node: ProcessNode | ContainerNode | None = None
        self._raylet = os.getppid()
        self._reading = threading.Lock()
        self._brought: dict[str, tuple[int, bytes]] = {}

    def about(self) -> dict[str, Any]:
        """Tell where this is, and what a launcher here may count on."""
        return {
            "host": socket.gethostname(),
            "free_ports": free_ports(64),
            "python": sys.executable,
            "started": self._node is not None,
        }

    def clock(self) -> float:
        """Tell what time it is here."""
        return time.time()

    def engine_problem(self) -> str | None:
        """Tell that no container engine answers here, and how to start one, where that is so."""
        from jupyter_ext.engines import docker_engine  # noqa: PLC0415 - other runs need none

        return None if docker_engine.engine_answers() else docker_engine.not_answering().message

    def missing(self, digests: list[str]) -> list[str]:
        """Return which contents of a snapshot this node has not."""
        return self._cache.missing(digests)

    def keep(self, parts: list[tuple[str, int]], data: bytes, last: bool) -> None:
        """Take contents of a snapshot."""
        self._cache.keep(parts, data, last=last)

    def lay_out(self, entries: list[tuple[str, str, int, int, str]], files: dict[str, bytes]) -> None:
        """Lay the run out: what has been sent, and other files by their names in the run directory."""
        self._cache.prune()
        _prune_runs()
        if self._paths.root.exists():  # half laid out for a runner that was killed
            shutil.rmtree(self._paths.root)
        self._cache.lay_out([Laid(*entry) for entry in entries], self._paths.root)
        for folder in (self._paths.user_logs, self._paths.system_logs, self._paths.launch):
            folder.mkdir(parents=True)
        for link in (self._paths.outputs, self._paths.logs):
            (self._paths.work / link.name).mkdir(parents=True, exist_ok=True)
            link.symlink_to(Path("work") / link.name)
        for name, data in files.items():
            (self._paths.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self._paths.root / name).write_bytes(data)
            if name == self._paths.events.name or name.startswith("work/outputs/"):
                self._brought[name] = (len(data), tail_of(self._paths.root / name, len(data)))

    def make_environment(self, lock: bytes) -> tuple[str, dict[str, str]]:
        """Make a virtual environment from its lock, unless it is there; return its Python and its variables."""
        from jupyter_ext.engines.ray.environments import make  # noqa: PLC0415 - what it needs may have to come first

        return make(lock)

    def start(
        self, environment: dict[str, str], python: str | None, container: dict[str, Any] | None, sampled: bool
    ) -> None:
        """Start the launcher, as a process or in a container.

        Parameters
        ----------
        environment
            What the ranks are to have besides this node's own variables and their specification.
        python
            The Python of the specification, where it is not the one on the PATH.
        container
            What :meth:`ContainerNode.start` takes, and who may pull the image.
        sampled
            Whether the node is told about, as it has ranks.
        """
        self.resume({})
        self._beat()
        if container is None:
            spec = self._paths.launch_spec(self._number)
            own = self._paths.root, python or sys.executable
            spec.write_text(_localized(spec.read_text(), *own))
            inputs = self._paths.data / _INPUTS
            if inputs.exists():
                inputs.write_text(json.dumps(_local(json.loads(inputs.read_text()), *own)))
            node = ProcessNode(self._paths, self._number)
            node.start({**self._own_environment(), **environment})
            self._node = node
        else:
            from jupyter_ext.engines.ray.environments import start_container  # noqa: PLC0415 - as above

            self._node = start_container(self._paths, self._number, environment, container)
        threading.Thread(target=self._keep, args=(sampled,), daemon=True, name="aml-keep").start()

    def resume(self, known: dict[str, tuple[int, bytes]]) -> None:
        """Go on where another runner left off."""
        with self._reading:
            self._growth.resume({**self._brought, **known})

    def pull(self, seconds: float, again: list[str]) -> tuple[bool, list[tuple[str, int | None, bytes]]]:
        """Return whether the launcher has ended and all is told, and else what is new; wait for that a while."""
        with self._reading:
            self._growth.again(again)
            limit = time.monotonic() + seconds
            while True:
                ended = self._node is None or not self._node.alive()
                began = time.monotonic()
                pieces = self._growth.read(ended=ended)
                now = time.monotonic()
                if pieces or ended or now > limit:
                    return ended and not pieces, [(piece.name, piece.offset, piece.data) for piece in pieces]
                time.sleep(max(_LOOK_SECONDS, 5 * (now - began)))

    def sums(self) -> dict[str, str]:
        """Return the digests by which the other side sees that it has everything."""
        with self._reading:
            return self._growth.sums()

    def stop(self, how: str) -> None:
        """End the ranks: ``ask``, ``others`` (another node has ended), or ``kill``."""
        if self._node is None:
            return
        if how == "others":
            self._node.stop_with_the_others()
        else:
            self._node.stop(at_once=how == "kill")

    def put(self, name: str, offset: int, data: bytes) -> None:
        """Take a piece of a file of the run."""
        path = self._paths.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r+b" if offset else "wb") as file:
            file.seek(offset)
            file.write(data)

    def answer(self, name: str, data: bytes) -> None:
        """Give the script the answer to what it has asked."""
        pipe = os.open(self._paths.asks / name, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.set_blocking(pipe, True)
            os.write(pipe, data)
        finally:
            os.close(pipe)

    def remove(self) -> str | None:
        """Remove what there is of the run on this node; return why its launcher is gone, where that is known."""
        node, self._node = self._node, None
        said = node.remove() if node else None
        shutil.rmtree(self._paths.root.parent, ignore_errors=True)
        return said

    def _keep(self, sampled: bool) -> None:
        """Let the launcher know that somebody looks after it, and sample the node, once a second."""
        while self._node is not None and self._node.alive():
            if os.getppid() != self._raylet:  # nobody could reach what went on here
                self._node.stop(at_once=True)
                self._node.remove()
                os._exit(1)
            self._beat()
            if sampled:
                append_record(str(self._paths.nodes), sample(self._number))
            time.sleep(_BEAT_SECONDS)

    def _beat(self) -> None:
        (self._paths.launch / f"{self._number}.beat").write_text(str(time.time()))

    def _own_environment(self) -> dict[str, str]:
        """Return the variables that the node was started with, and the GPUs that Ray gave to this actor."""
        try:
            raw = Path(f"/proc/{self._raylet}/environ").read_bytes()
            found = dict(os.fsdecode(one).split("=", 1) for one in raw.split(b"\0") if b"=" in one)
        except OSError:
            found = dict(os.environ)
        found = {name: value for name, value in found.items() if not name.startswith("RAY_")}
        of_scripts = [one for one in found.get("PYTHONPATH", "").split(os.pathsep) if not one.endswith(_OF_RAY)]
        found["PYTHONPATH"] = os.pathsep.join(of_scripts)
        if "CUDA_VISIBLE_DEVICES" in os.environ:
            found["CUDA_VISIBLE_DEVICES"] = os.environ["CUDA_VISIBLE_DEVICES"]
        return found


def _localized(spec: str, root: Path, python: str) -> str:
    """Return a launcher's specification with this node's paths in the place of a container's."""
    told = _local(json.loads(spec), root, python)
    told.setdefault("path", {})["PATH"] = [str(Path(python).parent)]
    return json.dumps(told)


def _local(value: Any, root: Path, python: str) -> Any:
    if isinstance(value, str):
        return value.replace(RUNTIME_DIR, str(RUNTIME)).replace(RUN_DIR, str(root)).replace(PYTHON, python)
    if isinstance(value, list):
        return [_local(one, root, python) for one in value]
    return {key: _local(one, root, python) for key, one in value.items()} if isinstance(value, dict) else value


def _prune_runs() -> None:
    """Remove what runs left behind that nobody came back for."""
    for folder in (cache_folder() / "runs").glob("*"):
        if time.time() - folder.stat().st_mtime > _IDLE_DAYS * 24 * 3600:
            shutil.rmtree(folder, ignore_errors=True)
