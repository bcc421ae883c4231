"""The part of a Ray cluster that a run has: a placement group, and an agent in an actor on each of its nodes.

They outlive the runner, and are found again by their names. An actor that holds nothing but CPUs stays on its node for
other runs, as Ray takes a second to start one; that of a node's GPUs is the run's own, to which Ray gives them.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_ext.engines.ray import autoscaler
from jupyter_ext.engines.ray.connection import NAMESPACE, connect, get_ready_to_send, knock, loaded
from jupyter_ext.engines.ray.kit import kit
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Collection

    from jupyter_ext.store.records import RayCluster

_HEAD = "node:__internal_head__"  # which Ray gives the head as a resource
_NODE_ID = "ray.io/node-id"  # a label that Ray gives each node
_SELECTOR = "bundle_label_selector"  # from Ray 2.49 on
_READY_SECONDS = 5.0
_CALL_SECONDS = 60.0
_START_SECONDS = 600.0  # a busy machine takes long to start a worker of Ray's
_CLOSE_SECONDS = 5.0
_READINGS = 3
_AT_ONCE = 32  # calls of runs that an actor answers at once

_known: list[Any] = []  # actors, as Ray forgets the way to one that nobody refers to


def get_ready(address: str) -> None:
    """Do ahead of a run on the cluster at ``address`` what need not wait for it."""
    ray = connect(address)
    get_ready_to_send(ray)
    name, _ = kit()
    from ray.util import placement_group, scheduling_strategies  # noqa: F401, PLC0415 - see loaded

    waiting = [one for one in ray.util.list_named_actors() if one.startswith(f"aml-{name}-")]
    _known.extend(actor for actor in (_found(ray, one) for one in waiting) if actor)
    with suppress(ComputeTargetException):  # a first call takes long, and an actor may be gone meanwhile
        _got([actor.has_kit.remote(name) for actor in _known], _READY_SECONDS)


def bundle(place: RayCluster) -> dict[str, float]:
    """Return what a run takes of each node, as Ray names it."""
    return {name: amount for name, amount in (("CPU", place.cpus), ("GPU", place.gpus)) if amount}


def each_node(place: RayCluster) -> str:
    """Tell what a run takes of each node."""
    return " and ".join(f"{amount:g} {name}" for name, amount in bundle(place).items())


def that_take(place: RayCluster, nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of a cluster's nodes, as Ray tells of them, that are alive and large enough for runs."""
    wanted = bundle(place).items()
    return [
        one
        for one in nodes
        if one["Alive"] and all(one["Resources"].get(name, 0.0) >= amount for name, amount in wanted)
    ]


def runs_by_node() -> dict[str, tuple[str, int]]:
    """Return for each node of the connected cluster that a run has the run's id, and which of its nodes it is."""
    from ray.util.placement_group import placement_group_table  # noqa: PLC0415 - see loaded

    found = {}
    for group in placement_group_table().values():
        begin, _, run = group["name"].partition("-")
        if begin == "aml" and group["state"] == "CREATED":
            for node, node_id in group["bundles_to_node_id"].items():
                found[node_id] = (run.rpartition("-")[0], node)
    return found


class Machine(NamedTuple):
    """A machine of a cluster: its address, the port of its raylet, its name, that of its actor, and Ray's id of it.

    ``ahead`` is by how many seconds its clock differs from this machine's.
    """

    address: str
    port: int
    name: str
    actor: str
    id: str = ""
    ahead: float = 0.0


class FarAgent(NamedTuple):
    """What is called on a node of a run; see :class:`jupyter_ext.engines.ray.agent.Agent`."""

    actor: Any
    run: str
    node: int

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a method there; return Ray's reference to what it will have returned."""
        return self.actor.do.remote(self.run, self.node, name, *arguments)


class Cluster:
    """What a run has of a cluster.

    Parameters
    ----------
    place
        Where the cluster is, and what a node takes of it.
    run
        Names the agents and the placement group.
    nodes
        How many nodes it has.
    on_head
        How many agents it has besides, on the cluster's head; they take nothing of it.
    """

    def __init__(self, place: RayCluster, run: str, nodes: int, on_head: int = 0) -> None:
        self._place = place
        self._run = run
        self._nodes = nodes
        self._all = nodes + on_head
        self._group: Any = None
        self.machines: list[Machine] = []
        self.agents: list[Any] = []  # FarAgent, or None

    def ask(self, without: Collection[str] = ()) -> None:
        """Ask for all nodes at once, each on a machine of its own; the autoscaler sees what is missing.

        Parameters
        ----------
        without
            The ids of machines that are not to be among them; a Ray that cannot do without any may give these.
        """
        knock(self._place.address)  # as the connection may be an hour old
        connect(self._place.address)
        from ray.util.placement_group import get_placement_group, placement_group  # noqa: PLC0415 - see loaded

        others: dict[str, Any] = {}
        if without and _SELECTOR in signature(placement_group).parameters:
            others[_SELECTOR] = [{_NODE_ID: f"!in({','.join(without)})"}] * self._nodes
        each = [bundle(self._place)] * self._nodes
        try:
            self._group = get_placement_group(self._name)
        except ValueError:
            self._group = placement_group(each, "STRICT_SPREAD", self._name, "detached", **others)

    def is_there(self, seconds: int) -> bool:
        """Wait until the nodes are there, at most ``seconds``, whole ones; return whether they are."""
        return bool(self._group.wait(seconds))

    def waits_for(self, target: str) -> str:
        """Tell what is missing while they are not there, which are nodes of ``target``."""
        count = "1 node" if self._nodes == 1 else f"{self._nodes} nodes"
        waiting = f"waiting until {target} has {count} free"
        if autoscaler.is_at_work(self._place.address):
            return f"Scaling: {waiting}"
        there = len(that_take(self._place, connect(self._place.address).nodes()))
        if there >= self._nodes:
            return waiting
        return f"{waiting}; {there} of its machines have {each_node(self._place)}, and none is on its way yet"

    def open(self) -> None:
        """Find the actors, or put them on their nodes, and give them our code."""
        try:
            self._open()
        except ComputeTargetException as error:
            if not isinstance(error.__cause__, loaded().exceptions.ActorDiedError):
                raise
            self._open()  # an actor has waited long for another run, and has left just now

    def _open(self) -> None:
        ray = connect(self._place.address)
        get_ready_to_send(ray)
        name, data = kit()
        chosen = self._chosen(ray)
        actors = [self._actor(ray, node, name, one["NodeID"]) for node, one in enumerate(chosen)]
        there = _got([actor.has_kit.remote(name) for actor, _ in actors], _START_SECONDS)
        without = [actor for (actor, _), has in zip(actors, there, strict=True) if not has]
        _got([actor.put_kit.remote(name, data) for actor in without], _CALL_SECONDS)
        _got([actor.open.remote(name, self._run, node) for node, (actor, _) in enumerate(actors)], _CALL_SECONDS)
        self.agents = [FarAgent(actor, self._run, node) for node, (actor, _) in enumerate(actors)]
        self.machines = [
            Machine(one["NodeManagerAddress"], one["NodeManagerPort"], one["NodeManagerHostname"], named, one["NodeID"])
            for one, (_, named) in zip(chosen, actors, strict=True)
        ]

    def compare_clocks(self) -> None:
        """Find out by how much each machine's clock differs, as far as that is certain."""
        with ThreadPoolExecutor(len(self.agents)) as pool:
            found = pool.map(_ahead, self.agents)
        self.machines = [one._replace(ahead=ahead) for one, ahead in zip(self.machines, found, strict=True)]

    def find(self, machines: list[Machine]) -> None:
        """Find the agents that an earlier runner left; None stands for one that is gone."""
        ray = connect(self._place.address)
        self.machines = machines
        found = [_found(ray, machine.actor) for machine in machines]
        self.agents = [FarAgent(actor, self._run, node) if actor else None for node, actor in enumerate(found)]

    def remove(self) -> None:
        """Give the nodes back."""
        ray = connect(self._place.address)
        from ray.util.placement_group import get_placement_group, remove_placement_group  # noqa: PLC0415 - see loaded

        idle = self._place.idle_seconds
        closing = [agent.actor.close.remote(self._run, agent.node, idle) for agent in self.agents if agent]
        if closing:
            ray.wait(closing, num_returns=len(closing), timeout=_CLOSE_SECONDS)
        with suppress(ValueError):
            remove_placement_group(get_placement_group(self._name))

    @property
    def _name(self) -> str:
        return f"aml-{self._run}"

    def _chosen(self, ray: Any) -> list[dict[str, Any]]:
        """Return the machines that Ray has chosen, as it tells of them, and the head where that is needed."""
        from ray.util.placement_group import placement_group_table  # noqa: PLC0415 - see loaded

        table = placement_group_table(self._group)["bundles_to_node_id"]
        by_id = {one["NodeID"]: one for one in ray.nodes()}
        head = [one for one in by_id.values() if one["Alive"] and _HEAD in one["Resources"]]
        return [by_id[table[node]] for node in range(self._nodes)] + head[:1] * (self._all - self._nodes)

    def _actor(self, ray: Any, node: int, kit_name: str, node_id: str) -> tuple[Any, str]:
        from ray.util import scheduling_strategies as strategies  # noqa: PLC0415 - see loaded

        from jupyter_ext.engines.ray import host  # noqa: PLC0415 - for Ray alone

        ray.cloudpickle.register_pickle_by_value(host)
        strategy: Any
        if node < self._nodes and self._place.gpus:
            name, gpus = f"{self._name}-{node}", self._place.gpus
            strategy = strategies.PlacementGroupSchedulingStrategy(self._group, node)
        else:
            name, gpus = f"aml-{kit_name}-{node_id}", 0.0
            strategy = strategies.NodeAffinitySchedulingStrategy(node_id, soft=False)
        options = {"lifetime": "detached", "get_if_exists": True, "max_concurrency": _AT_ONCE, "num_cpus": 0}
        where = {"num_gpus": gpus, "scheduling_strategy": strategy}
        return ray.remote(host.Host).options(name=name, namespace=NAMESPACE, **options, **where).remote(), name


def _found(ray: Any, name: str) -> Any:
    try:
        return ray.get_actor(name, namespace=NAMESPACE)
    except ValueError:
        return None


def _ahead(agent: FarAgent) -> float:
    """Return by how much a node's clock is ahead, by the quickest of some answers; 0 where it may be as this one."""
    answers = []
    for _ in range(_READINGS):
        before = time.time()
        there = asked(agent, "clock")
        after = time.time()
        answers.append((after - before, there - after, there - before))
    _, least, most = min(answers)
    return 0.0 if least <= 0 <= most else (least + most) / 2


def _got(calls: Any, seconds: float) -> Any:
    ray = loaded()
    try:
        return ray.get(calls, timeout=seconds)
    except ray.exceptions.GetTimeoutError:
        raise ComputeTargetException(
            f"The cluster's nodes did not answer within {seconds:.0f} s: 'ray status' tells how they are."
        ) from None
    except ray.exceptions.RayTaskError as error:
        raise ComputeTargetException(f"A node of the cluster cannot do it: {_last_line(error)}") from error
    except ray.exceptions.RayError as error:
        raise ComputeTargetException(f"A node of the cluster is gone: {str(error).splitlines()[0]}") from error


def _last_line(error: Exception) -> str:
    """Return what a traceback of Ray's ends with: the exception and its message."""
    return str(error).strip().splitlines()[-1]


def asked(agent: FarAgent, name: str, *arguments: Any, seconds: float = _CALL_SECONDS) -> Any:
    """Call a node's agent, and return what it returned.

    Raises
    ------
    UserErrorException
        What the agent says is wrong.
    ComputeTargetException
        It does not answer.
    """
    error, value = _got(agent.call(name, *arguments), seconds)
    if error is not None:
        raise UserErrorException(error)
    return value
