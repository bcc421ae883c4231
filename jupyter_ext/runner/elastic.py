"""PyTorch's elastic launch: ``torchrun`` on each node, a store that is on none of them, and who may be missing.

The store, by which the nodes find one another, has a launcher of its own, the last one: it outlives any node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.launching.node import WITH_THE_OTHERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_ext.store.records import RunSpec

Events = list[dict[str, Any]]

STORE_LOG = "system_logs/torchrun_store.log"
STORE_PORT = 29400
"""Where the store of containers listens; torchrun's own default."""

_CONFIGURATION = {
    "is_host": "0",  # none of the nodes has the store
    "keep_alive_interval": "1",
    "keep_alive_max_attempt": "5",
    "last_call_timeout": "5",  # how long the least number of nodes waits for more
}
_NOT_SHARED = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}  # else the ranks' own store dies with the first node


def log_of(node: int) -> str:
    """Return the log of what ``torchrun`` itself says on a node."""
    return f"user_logs/torchrun_log_{node}.txt"


def ranks(spec: RunSpec) -> list[list[dict[str, Any]]]:
    """Return what each launcher starts: ``torchrun`` on each node, and the store."""
    nodes = [
        [{"rank": node * spec.processes_per_node, "env": _NOT_SHARED, "log": log_of(node)}]
        for node in range(spec.node_count)
    ]
    return [*nodes, [{"rank": spec.rank_count, "env": {}, "log": STORE_LOG}]]


def command(spec: RunSpec, python: str, store: str, host: str, rank: Sequence[str]) -> list[str]:
    """Return the command of a node.

    Parameters
    ----------
    python
        The Python that has PyTorch.
    store
        Where the store is, ``HOST:PORT``.
    host
        How the node is called by the others.
    rank
        The command of a rank.
    """
    return [
        *(python, "-m", "torch.distributed.run"),
        f"--nnodes={spec.min_node_count or spec.node_count}:{spec.node_count}",
        f"--nproc-per-node={spec.processes_per_node}",
        f"--max-restarts={spec.max_restarts}",
        "--rdzv-backend=c10d",
        f"--rdzv-endpoint={store}",
        f"--rdzv-id={spec.run_id}",
        f"--rdzv-conf={','.join(f'{name}={value}' for name, value in _CONFIGURATION.items())}",
        f"--local-addr={host}",
        "--no-python",
        *rank,
    ]


def lost(spec: RunSpec, living: Sequence[int], events: Sequence[Events]) -> list[int]:
    """Return the nodes whose launchers are gone without a word."""
    return [node for node in range(spec.node_count) if node not in living and end_of(events[node]) is None]


def has_failed(spec: RunSpec, living: Sequence[int], events: Sequence[Events]) -> bool:
    """Tell whether the run cannot go on: a node has given up, too few are left, or the store is gone."""
    if spec.node_count not in living:
        return True
    if spec.node_count - len(lost(spec, living, events)) < (spec.min_node_count or spec.node_count):
        return True
    return any(one.get("event") in ("exit", "end") and one["code"] for each in events[:-1] for one in each)


def ended_well(spec: RunSpec, living: Sequence[int], events: Sequence[Events]) -> bool:
    """Tell whether every node that was not lost has done its work, and those are enough.

    Where a node was lost, ``torchrun`` waits five minutes for it before it ends: its ranks tell that it is done.
    """
    gone = lost(spec, living, events)
    left = [each for node, each in enumerate(events[:-1]) if node not in gone]
    return len(left) >= (spec.min_node_count or spec.node_count) and all(
        [one["code"] for one in each if one.get("event") == "exit"] == [0]
        or (gone and _last_ranks_ended_well(each, spec.processes_per_node))
        for each in left
    )


def _last_ranks_ended_well(events: Events, ranks: int) -> bool:
    codes = [one["code"] for one in events if one.get("event") == "worker"]
    return codes[-ranks:] == [0] * ranks


def blamed(spec: RunSpec, events: Sequence[Events]) -> int:
    """Return the launcher that tells why it failed, once all have ended."""
    store = end_of(events[-1])
    if store is None or (store["code"] and store["reason"] != WITH_THE_OTHERS):
        return spec.node_count
    failed = [
        (one["t"], node)
        for node, each in enumerate(events[:-1])
        for one in each
        if one.get("event") == "end" and one["code"] and one["reason"] != WITH_THE_OTHERS
    ]
    gone = lost(spec, [], events)
    if gone and spec.node_count - len(gone) < (spec.min_node_count or spec.node_count):
        return gone[-1]
    raised = _failed_ranks(events[:-1])
    if raised:
        return raised[0][2]
    return min(failed)[1] if failed else spec.node_count


def failed_rank(events: Events) -> dict[str, Any] | None:
    """Return how the rank of a node that failed first at the last try ended."""
    found = _failed_ranks([events])
    return found[0][3] if found else None


def _failed_ranks(events: Sequence[Events]) -> list[tuple[bool, float, int, dict[str, Any]]]:
    """Return the ranks that failed at the last try: those that raised first, then those that were ended."""
    ended = [(node, one) for node, each in enumerate(events) for one in each if one.get("event") == "worker"]
    last = max((one["restart"] for _, one in ended), default=0)
    told = [(one["code"] < 0, one["t"], node, one) for node, one in ended if one["code"] and one["restart"] == last]
    return sorted(told, key=lambda one: one[:3])


def end_of(events: Events) -> dict[str, Any] | None:
    """Return what a launcher has written last, as it ended; None where it was killed, or is at work."""
    return next((one for one in reversed(events) if one.get("event") == "end"), None)
