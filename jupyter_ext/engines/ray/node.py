"""A node of a run on a machine of a Ray cluster."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from jupyter_ext.engines.ray.cluster import FarAgent, Machine, asked
from jupyter_ext.engines.ray.connection import loaded
from jupyter_ext.engines.ray.questions import Questions
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.runtime.inside.jupyter_aml_run.records import read_records

if TYPE_CHECKING:
    from jupyter_ext.engines.ray.mirror import Mirror
    from jupyter_ext.store.paths import RunPaths

_PULL_SECONDS = 0.5
_QUIET_SECONDS = 3.0  # an answer that takes longer is looked into
_LOST_SECONDS = 9.0
_STOP_SECONDS = 5.0


class RayNode:
    """One node of a run: an agent of ours on a machine of the cluster, which outlives the runner.

    Parameters
    ----------
    paths
        The run.
    node
        The node's number, from 0.
    mirror
        Takes what the node's files grow by.
    """

    def __init__(self, paths: RunPaths, node: int, mirror: Mirror) -> None:
        self._paths = paths
        self._node = node
        self._mirror = mirror
        self._agent: Any = None
        self._machine = Machine("", 0, "", "")
        self._over = threading.Event()
        self._lost: str | None = None
        self._thread: threading.Thread | None = None

    def follow(self, agent: FarAgent | None, machine: Machine, *, resume: bool) -> None:
        """Read what the node tells from now on; with ``resume`` from where an earlier runner left off."""
        self._agent, self._machine = agent, machine
        self._thread = threading.Thread(target=self._follow, args=(resume,), daemon=True, name=f"aml-ray-{self._node}")
        self._thread.start()

    def alive(self) -> bool:
        """Tell whether there is more to come from the node."""
        return self._thread is not None and not self._over.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the launcher, and for all that it has left, at most ``seconds``."""
        return self._thread is None or self._over.wait(seconds)

    def stop(self, *, at_once: bool = False) -> None:
        """Ask the launcher to end its ranks; with ``at_once`` kill it."""
        self._tell("kill" if at_once else "ask")

    def stop_with_the_others(self) -> None:
        """Ask the launcher to end its ranks, as another node has ended."""
        self._tell("others")

    def remove(self) -> str | None:
        """Remove what there is of the run on the node; return why its launcher is gone, where that is known."""
        if self._lost or self._agent is None:
            return self._lost
        try:
            said: str | None = asked(self._agent, "remove", seconds=_STOP_SECONDS)
        except Exception as error:  # noqa: BLE001 - Ray has many; the node goes with its actor
            return str(error).splitlines()[0]
        return said

    def has_begun(self) -> bool:
        """Tell whether the launcher is known to have been at work."""
        return any(True for _ in read_records(str(self._paths.launch_events(self._node))))

    def _tell(self, how: str) -> None:
        if self._agent is not None and not self._over.is_set():
            self._agent.call("stop", how)

    def _follow(self, resume: bool) -> None:
        try:
            if self._agent is None:
                raise _Gone("its machine has left the cluster")  # noqa: TRY301 - told as the others are
            if resume:
                asked(self._agent, "resume", self._mirror.known(self._node))
            self._read_all()
        except _Gone as gone:
            self._lost = f"node {self._named} is gone: {gone}"
        except AzureMLException as error:
            self._lost = f"node {self._named}: {error.message}"
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait for this node forever
            self._lost = f"node {self._named}: {type(error).__name__}: {error}"
        self._over.set()

    @property
    def _named(self) -> str:
        address, name = self._machine.address, self._machine.name
        return f"{name} ({address})" if name else str(self._node)

    def _read_all(self) -> None:
        again: list[str] = []
        questions = Questions(self._paths, self._agent)
        while True:
            ended, pieces = self._pull(again)
            for name, offset, data in pieces:
                if name.startswith("asks/"):
                    questions.bring(name, data)
                else:
                    self._mirror.take(self._node, name, offset, data)
            again = self._mirror.differing(self._node, asked(self._agent, "sums")) if ended else []
            if ended and not again:
                return

    def _pull(self, again: list[str]) -> tuple[bool, list[tuple[str, int | None, bytes]]]:
        """Return the next answer; see that the machine is there where it takes long."""
        exceptions = loaded().exceptions
        try:
            error, value = self._answer(again)
        except exceptions.ActorUnavailableError:
            if self._reach() != "open":
                raise _Gone("its machine does not answer any more") from None
            time.sleep(_PULL_SECONDS)
            asked(self._agent, "resume", self._mirror.known(self._node))  # an answer may have been lost
            return False, []
        except exceptions.ActorDiedError:
            raise _Gone("its actor or its machine has died") from None
        if error is not None:
            raise _Gone(error)
        return value  # type: ignore[no-any-return]

    def _answer(self, again: list[str]) -> tuple[str | None, Any]:
        ray = loaded()
        call = self._agent.call("pull", _PULL_SECONDS, again)
        silent_since: float | None = None
        began = time.monotonic()
        while not ray.wait([call], timeout=_QUIET_SECONDS if silent_since is None else 1.0)[0]:
            state = self._reach()
            if state == "refused":
                raise _Gone("Ray has ended there")
            silent_since = None if state == "open" else silent_since or began
            if silent_since is not None and time.monotonic() - silent_since > _LOST_SECONDS - _QUIET_SECONDS:
                raise _Gone("its machine does not answer any more")
        return ray.get(call)  # type: ignore[no-any-return]

    def _reach(self) -> str:
        """Tell whether the node's raylet can be reached: ``open``, ``refused`` or ``silent``."""
        try:
            socket.create_connection(self._machine[:2], timeout=2.0).close()
        except ConnectionRefusedError:
            return "refused"
        except OSError:
            return "silent"
        return "open"


class _Gone(Exception):  # noqa: N818 - it is a reason
    """Why nothing comes from a node any more."""
