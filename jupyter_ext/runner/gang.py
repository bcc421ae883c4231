"""The nodes of a run as one: they start together, and what ends one ends all."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_ext.engines.container import ContainerNode
from jupyter_ext.engines.process import ProcessNode
from jupyter_ext.engines.ray.node import RayNode
from jupyter_ext.engines.run_network import remove_network
from jupyter_ext.runtime.inside.jupyter_aml_run.records import read_records
from jupyter_ext.runtime.launching.node import MPI_DAEMON, WITH_THE_OTHERS
from jupyter_ext.store.locks import is_locked

from . import elastic
from .ranks import has_network, launchers

if TYPE_CHECKING:
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec

Node = ProcessNode | ContainerNode | RayNode

_KILL_SECONDS = 15.0


@dataclass(frozen=True)
class Outcome:
    """How the nodes ended.

    Attributes
    ----------
    succeeded
        Whether every rank did its work.
    node
        The node that tells why not: where the first thing went wrong.
    events, end
        What its launcher has written, and the last of it, which is None when the launcher was killed.
    """

    succeeded: bool
    node: int
    events: list[dict[str, Any]]
    end: dict[str, Any] | None


class Gang:
    """All nodes of a run.

    Parameters
    ----------
    paths, spec
        The run.
    """

    def __init__(self, paths: RunPaths, spec: RunSpec) -> None:
        self._paths = paths
        self._spec = spec
        kind = ContainerNode if spec.container else ProcessNode
        self.nodes: list[Node] = [kind(paths, node) for node in range(launchers(spec))]
        self._seen: list[int] = []
        self._kill_at: float | None = None
        self._told: list[Node] = []

    def started(self) -> list[int]:
        """Return the nodes whose launchers have been at work."""
        return [k for k in range(len(self.nodes)) if is_locked(self._paths.launch_lock(k)) or self._events(k)]

    def has_begun(self) -> bool:
        """Tell whether every node has started a rank, or waits for another node's ``mpirun``."""
        return all(_is_at_work(self._events(node)) for node in range(len(self.nodes)))

    def wait(self, seconds: float) -> bool:
        """Wait for the end of all nodes, at most ``seconds``; return whether they have ended.

        Where one has failed, or all that is left are parameter servers, the others are asked to end.
        """
        end = time.monotonic() + seconds
        living = [node for node in self.nodes if node.alive()]
        if not living:
            return True
        if len(self.nodes) > 1 or self._spec.parameter_servers:
            self._keep_together(living)
        return living[0].wait(max(0.0, end - time.monotonic())) and not any(node.alive() for node in living[1:])

    def stop(self, *, at_once: bool = False) -> None:
        """Ask all nodes to end their ranks; with ``at_once`` kill them."""
        for node in self.nodes:
            node.stop(at_once=at_once)

    def end(self, seconds: float) -> None:
        """Kill what there is of the nodes, and wait for that, at most ``seconds``."""
        self.stop(at_once=True)
        limit = time.monotonic() + seconds
        for node in self.nodes:
            node.wait(max(0.0, limit - time.monotonic()))

    def lost(self) -> list[int]:
        """Return the nodes that are gone though the run goes on: ``torchrun`` does, with fewer."""
        if self._spec.distribution != "torchrun":
            return []
        living = self._numbers([node for node in self.nodes if node.alive()])
        return elastic.lost(self._spec, living, self._all_events()) if living else []

    def remove(self) -> list[str | None]:
        """Tidy up after the nodes; return for each why it is gone, where its engine knows."""
        said = [node.remove() for node in self.nodes]
        if has_network(self._spec):
            remove_network(self._paths.run_id)
        return said

    def outcome(self) -> Outcome:
        """Return how the nodes ended, once all have."""
        events = self._all_events()
        ends = [elastic.end_of(each) for each in events]
        if self._spec.distribution == "torchrun":
            node = elastic.blamed(self._spec, events)
            return Outcome(elastic.ended_well(self._spec, [], events), node, events[node], ends[node])
        worked = all(end and (end["code"] == 0 or end["reason"] == WITH_THE_OTHERS) for end in ends)
        node = min(range(len(ends)), key=lambda node: _cause_time(events[node], ends[node]))
        return Outcome(worked and self._workers_ended_well([], events), node, events[node], ends[node])

    def _keep_together(self, living: list[Node]) -> None:
        if not self._has_changed(living) and self._kill_at is None:
            return
        events = self._all_events()
        if self._kill_at is None and (self._has_failed(living, events) or self._workers_ended_well(living, events)):
            self._kill_at = time.monotonic() + _KILL_SECONDS
        if self._kill_at is None:
            return
        for node, written in zip(self.nodes, events, strict=True):
            if node in living and time.monotonic() > self._kill_at:
                node.stop(at_once=True)
            elif node in living and node not in self._told and _is_at_work(written):  # it listens by then
                self._told.append(node)
                node.stop_with_the_others()

    def _has_changed(self, living: list[Node]) -> bool:
        """Tell whether a launcher has ended or written something since the last look."""
        files = [self._paths.launch_events(node) for node in range(len(self.nodes))]
        seen = [len(living), *(file.stat().st_size if file.exists() else 0 for file in files)]
        changed = seen != self._seen
        self._seen = seen
        return changed

    def _has_failed(self, living: list[Node], all_events: list[list[dict[str, Any]]]) -> bool:
        if self._spec.distribution == "torchrun":
            return elastic.has_failed(self._spec, self._numbers(living), all_events)
        for node, events in zip(self.nodes, all_events, strict=True):
            if any(event.get("event") in ("exit", "end") and event["code"] for event in events):
                return True
            if node not in living and not _is_there(events, "end"):
                return True
        return False

    def _workers_ended_well(self, living: list[Node], events: list[list[dict[str, Any]]]) -> bool:
        """Tell whether all ranks but parameter servers, which never end by themselves, have ended with 0."""
        if self._spec.distribution == "mpi":  # mpirun answers for its ranks
            return any(_is_mpirun(one) and one["code"] == 0 for one in events[0])
        if self._spec.distribution == "torchrun":
            return elastic.ended_well(self._spec, self._numbers(living), events)
        workers = self._spec.rank_count - self._spec.parameter_servers
        codes = {one["rank"]: one["code"] for each in events for one in each if one.get("event") == "exit"}
        return all(codes.get(rank) == 0 for rank in range(workers))

    def _numbers(self, nodes: list[Node]) -> list[int]:
        return [number for number, node in enumerate(self.nodes) if node in nodes]

    def _all_events(self) -> list[list[dict[str, Any]]]:
        return [self._events(node) for node in range(len(self.nodes))]

    def _events(self, node: int) -> list[dict[str, Any]]:
        return list(read_records(str(self._paths.launch_events(node))))


def _is_there(events: list[dict[str, Any]], name: str) -> bool:
    return any(event.get("event") == name for event in events)


def _is_at_work(events: list[dict[str, Any]]) -> bool:
    return _is_there(events, "rank") or _is_there(events, "serving")


def _is_mpirun(event: dict[str, Any]) -> bool:
    """Tell whether an event is the end of ``mpirun``, not of its daemon or of one of its ranks."""
    return event.get("event") == "exit" and event["rank"] != MPI_DAEMON and not event.get("mpi")


def _cause_time(events: list[dict[str, Any]], end: dict[str, Any] | None) -> float:
    """Return when something first went wrong on a node: at once where its launcher is gone, never where it was well."""
    if end is None:
        return 0.0
    of_mpi = [one["t"] for one in events if one.get("mpi") and one["code"]]
    if of_mpi:  # its launcher may have ended well, or with the others
        return float(min(of_mpi))
    if end["code"] == 0 or end["reason"] == WITH_THE_OTHERS:
        return float("inf")
    return float(next((one["t"] for one in events if one.get("event") == "exit" and one["code"]), end["t"]))
