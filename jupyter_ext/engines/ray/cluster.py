"""The part of a Ray cluster that a run has: a placement group, and an actor on each of its nodes.

Both outlive the runner, and are found again by their names.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.engines.ray.kit import kit
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.store.records import RayCluster

NAMESPACE = "jupyter-aml"
LIGHTER = Path(__file__).parent / "lighter"
"""What goes before Python's own packages in the processes of a cluster that is started here."""
_HEAD = "node:__internal_head__"  # which Ray gives the head as a resource
_CALL_SECONDS = 60.0
_START_SECONDS = 600.0  # a busy machine takes long to start a worker of Ray's


def loaded() -> Any:
    """Return Ray's module; see :func:`check_installed`."""
    check_installed()
    with warnings.catch_warnings(), _without_slow_syntax():
        warnings.simplefilter("ignore")
        import ray  # noqa: PLC0415 - half a second, where a cluster is used
    return ray


@contextmanager
def _without_slow_syntax() -> Iterator[None]:
    """Let Ray's imports do without what they do not need: see ``lighter/rfc3987_syntax.py``."""
    name = "rfc3987_syntax"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def check_installed() -> None:
    """Refuse where Ray is not installed.

    Raises
    ------
    UserErrorException
        It is not; the message tells how to get it.
    """
    if importlib.util.find_spec("ray") is None:
        raise UserErrorException("Ray is not installed: pip install 'jupyter-aml[ray]', and try again.")


def connect(address: str) -> Any:
    """Connect this process to the cluster at ``address``; return Ray's module.

    Raises
    ------
    ComputeTargetException
        Nobody answers there, or Ray or Python is of another version.
    """
    ray = loaded()
    if ray.is_initialized():
        return ray
    try:
        ray.init(
            address=address,
            namespace=NAMESPACE,
            log_to_driver=False,
            logging_level=logging.ERROR,
            ignore_reinit_error=True,
        )
    except Exception as error:
        said = " ".join(str(error).split())[:400]
        raise ComputeTargetException(
            f"The Ray cluster at {address} cannot be used: {said}. Check that it runs, that this machine is one of its "
            f"nodes ('ray start --address={address}'), and that Ray and Python are of the same version here."
        ) from error
    return ray


def bundle(place: RayCluster) -> dict[str, float]:
    """Return what a run takes of each node, as Ray names it."""
    return {name: amount for name, amount in (("CPU", place.cpus), ("GPU", place.gpus)) if amount}


class Cluster:
    """What a run has of a cluster.

    Parameters
    ----------
    place
        Where the cluster is, and what a node takes of it.
    run
        Names the actors and the placement group.
    nodes
        How many nodes it has.
    on_head
        How many actors it has besides, on the cluster's head; they take nothing of it.
    """

    def __init__(self, place: RayCluster, run: str, nodes: int, on_head: int = 0) -> None:
        self._place = place
        self._run = run
        self._nodes = nodes
        self._actors = nodes + on_head
        self._group: Any = None
        self.actors: list[Any] = []

    def ask(self) -> None:
        """Ask for all nodes at once, each on a machine of its own; the autoscaler sees what is missing."""
        connect(self._place.address)
        from ray.util.placement_group import get_placement_group, placement_group  # noqa: PLC0415 - see loaded

        try:
            self._group = get_placement_group(self._name)
        except ValueError:
            self._group = placement_group(
                [bundle(self._place)] * self._nodes, strategy="STRICT_SPREAD", name=self._name, lifetime="detached"
            )

    def is_there(self, seconds: float) -> bool:
        """Wait until the nodes are there, at most ``seconds``; return whether they are."""
        return bool(self._group.wait(seconds))

    def open(self) -> None:
        """Find the actors, or put them on their nodes, and give them our code."""
        ray = connect(self._place.address)
        name, data = kit()
        self.actors = [self._actor(ray, node) for node in range(self._actors)]
        there = _got([actor.has_kit.remote(name) for actor in self.actors], _START_SECONDS)
        without = [actor for actor, has in zip(self.actors, there, strict=True) if not has]
        _got([actor.put_kit.remote(name, data) for actor in without], _CALL_SECONDS)
        _got([actor.open.remote(name, self._run, node) for node, actor in enumerate(self.actors)], _CALL_SECONDS)

    def find(self) -> None:
        """Find the actors that an earlier runner left; None stands for one that is gone."""
        ray = connect(self._place.address)
        self.actors = [_found(ray, f"{self._name}-{node}") for node in range(self._actors)]

    def addresses(self) -> list[tuple[str, int, str]]:
        """Return for each actor the address of its machine, the port of its raylet, and its name."""
        ray = connect(self._place.address)
        from ray.util.placement_group import placement_group_table  # noqa: PLC0415 - see loaded

        table = placement_group_table(self._group)["bundles_to_node_id"]
        by_id = {one["NodeID"]: one for one in ray.nodes()}
        chosen = [by_id[table[node]] for node in range(self._nodes)]
        head = [one for one in by_id.values() if one["Alive"] and _HEAD in one["Resources"]]
        chosen += head[:1] * (self._actors - self._nodes)
        return [(one["NodeManagerAddress"], one["NodeManagerPort"], one["NodeManagerHostname"]) for one in chosen]

    def remove(self) -> None:
        """Give the nodes back."""
        ray = connect(self._place.address)
        from ray.util.placement_group import get_placement_group, remove_placement_group  # noqa: PLC0415 - see loaded

        for actor in self.actors:
            if actor is not None:
                ray.kill(actor)
        try:
            remove_placement_group(get_placement_group(self._name))
        except ValueError:
            return

    @property
    def _name(self) -> str:
        return f"aml-{self._run}"

    def _actor(self, ray: Any, node: int) -> Any:
        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy  # noqa: PLC0415 - see loaded

        from jupyter_ext.engines.ray import host  # noqa: PLC0415 - for Ray alone

        ray.cloudpickle.register_pickle_by_value(host)
        if node < self._nodes:
            strategy = PlacementGroupSchedulingStrategy(self._group, node)
            where = {"scheduling_strategy": strategy, "num_gpus": self._place.gpus}
        else:
            where = {"resources": {_HEAD: 0.001}}
        return (
            ray.remote(host.Host)
            .options(
                name=f"{self._name}-{node}",
                namespace=NAMESPACE,
                lifetime="detached",
                get_if_exists=True,
                max_concurrency=8,
                num_cpus=0,
                **where,
            )
            .remote()
        )


def _found(ray: Any, name: str) -> Any:
    try:
        return ray.get_actor(name, namespace=NAMESPACE)
    except ValueError:
        return None


def _got(calls: Any, seconds: float) -> Any:
    ray = loaded()
    try:
        return ray.get(calls, timeout=seconds)
    except ray.exceptions.GetTimeoutError:
        raise ComputeTargetException(
            f"The cluster's nodes did not answer within {seconds:.0f} s: 'ray status' tells how they are."
        ) from None
    except ray.exceptions.RayError as error:
        raise ComputeTargetException(f"A node of the cluster is gone: {str(error).splitlines()[0]}") from error


def asked(actor: Any, name: str, *arguments: Any, seconds: float = _CALL_SECONDS) -> Any:
    """Call a node's agent, and return what it returned.

    Raises
    ------
    UserErrorException
        What the agent says is wrong.
    ComputeTargetException
        It does not answer.
    """
    error, value = _got(actor.do.remote(name, *arguments), seconds)
    if error is not None:
        raise UserErrorException(error)
    return value
