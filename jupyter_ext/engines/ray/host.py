"""What Ray runs on a node: an actor that takes our code in, and calls it.

Ray carries this class to the nodes by value, so that they need nothing but Ray: it uses the standard library only. It
waits for another run when one has ended, since Ray takes a second to start one.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

_LOOK_SECONDS = 1.0


class Host:
    """The actor; its methods are called from the runners' machines, for several runs at once.

    Parameters
    ----------
    idle_seconds
        How long it waits for its first run; an autoscaler does not end its node meanwhile.
    """

    def __init__(self, idle_seconds: float = 120.0) -> None:
        self._agents: dict[tuple[str, int], Any] = {}
        self._used = time.monotonic()
        self._idle_seconds = idle_seconds
        threading.Thread(target=self._leave_when_idle, daemon=True, name="aml-idle").start()

    def has_kit(self, kit: str) -> bool:
        """Tell whether the node has our code with this content hash."""
        self._used = time.monotonic()
        return (_kits() / kit).is_dir()

    def put_kit(self, kit: str, data: bytes) -> None:
        """Keep our code, a zip file, under its content hash."""
        _kits().mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=_kits(), prefix=".part"))
        try:
            zipfile.ZipFile(io.BytesIO(data)).extractall(part)
            part.rename(_kits() / kit)
        except OSError:  # another actor of this node was quicker
            if not self.has_kit(kit):
                raise
            shutil.rmtree(part, ignore_errors=True)

    def open(self, kit: str, run_id: str, node: int) -> None:
        """Get ready for one node of a run."""
        if str(_kits() / kit) not in sys.path:
            sys.path.insert(0, str(_kits() / kit))
        from jupyter_ext.engines.ray.agent import Agent  # noqa: PLC0415 - it has come with the kit

        if (run_id, node) not in self._agents:
            self._agents[run_id, node] = Agent(run_id, node)

    def do(self, run_id: str, node: int, name: str, *arguments: Any) -> tuple[str | None, Any]:
        """Call a method of a run's agent; return what is wrong, for people, and else what it returned."""
        from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException  # noqa: PLC0415 - as above

        agent = self._agents.get((run_id, node))
        if agent is None:
            return "what looked after the run there has ended", None
        try:
            return None, getattr(agent, name)(*arguments)
        except AzureMLException as error:
            return error.message, None
        except OSError as error:
            return f"{type(error).__name__}: {error}", None

    def close(self, run_id: str, node: int, idle_seconds: float) -> None:
        """End what there is of a run on this node, and wait so long for another."""
        agent = self._agents.pop((run_id, node), None)
        self._used, self._idle_seconds = time.monotonic(), idle_seconds
        if agent is not None:
            agent.stop("kill")
            agent.remove()

    def _leave_when_idle(self) -> None:
        while self._agents or time.monotonic() < self._used + self._idle_seconds:
            time.sleep(_LOOK_SECONDS)
        os._exit(0)


def _kits() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "jupyter-aml" / "kits"
