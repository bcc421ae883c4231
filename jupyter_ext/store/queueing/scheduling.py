"""Which of the waiting runs start now: first come, first served, and a small one may pass where it puts nobody off.

The line is taken in order. The first run in it that does not fit is its *head*. A run behind the head starts before it
only where the head starts no later for that:

- **The head has a promise** where enough of the runs that hold nodes are known to end (``max_run_duration_seconds`` was
  given): it starts at the latest when they have. A run may pass that ends by itself before then, or that takes
  no more than what the head leaves over then. So the promised time is never put off, and each look at the line can
  only bring it forward. A run that ends before its time may let the head wait for one that has passed, but for no
  longer than that one was allowed to take, and none passes on the old promise any more.
- **Without a promise** any run that holds nodes may end at any moment, in any order. A run may pass that takes no more
  than what is left over whichever of them end: let ``m`` be the smallest number of nodes with which some of them could
  end so that the head fits; all that is above the head's need then is left over. Where every run holds one node that
  is nothing, and nobody passes.

Both hold for nodes and for GPUs, each by itself. All nodes of a run start together or none does. Whoever stands in
line becomes its head in the end, and the head is not passed at its cost, so nobody starves.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LOOKED_AT = 100
"""Runs behind the head that are looked at: a line of thousands is not read whole each time that it moves."""


class Ask(NamedTuple):
    """A run that waits.

    Attributes
    ----------
    nodes, gpus
        What it needs to start, GPUs over all its nodes.
    seconds
        After which it has ended for certain; None: that is not known.
    """

    run_id: str
    nodes: int
    gpus: int = 0
    seconds: float | None = None


class Held(NamedTuple):
    """What a run has that was started: ``ends`` is when it has ended for certain, None where that is not known."""

    nodes: int
    gpus: int = 0
    ends: float | None = None


class Amount(NamedTuple):
    """Nodes and GPUs."""

    nodes: int
    gpus: int = 0


def to_start(free: Amount, waiting: Sequence[Ask], held: Iterable[Held], now: float) -> list[Ask]:
    """Return the runs that start now, in order.

    Parameters
    ----------
    free
        What nobody has.
    waiting
        Who waits, in order.
    held
        What the others have.
    now
        The time, on the same clock as ``Held.ends``.
    """
    started: list[Ask] = []
    for ask in waiting:
        if not _fits(ask, free):
            break
        started.append(ask)
        free = _less(free, ask)
    behind = waiting[len(started) + 1 : len(started) + 1 + LOOKED_AT]
    if not behind or not free.nodes:
        return started
    head = waiting[len(started)]
    holders = [*held, *(_held(ask, now) for ask in started)]
    room: _Room | None = None
    for ask in behind:
        if ask.nodes > free.nodes or ask.gpus > free.gpus:
            continue
        room = room or _room(head, free, holders, now)
        if not room.has(ask, now):
            continue
        started.append(ask)
        holders.append(_held(ask, now))
        free, room = _less(free, ask), None
        if not free.nodes:
            break
    return started


class _Room(NamedTuple):
    """What may be taken in front of the head: so much for as long as one likes, and all until the promised time."""

    left_over: Amount
    promised: float | None

    def has(self, ask: Ask, now: float) -> bool:
        if self.promised is not None and ask.seconds is not None and now + ask.seconds <= self.promised:
            return True
        return _fits(ask, self.left_over)


def _room(head: Ask, free: Amount, held: Sequence[Held], now: float) -> _Room:
    nodes, gpus = free
    known = sorted((one for one in held if one.ends is not None), key=lambda one: one.ends or 0.0)
    for one in known:
        nodes, gpus = nodes + one.nodes, gpus + one.gpus
        if head.nodes <= nodes and head.gpus <= gpus:
            return _Room(Amount(nodes - head.nodes, gpus - head.gpus), max(one.ends or now, now))
    return _Room(
        Amount(
            _left_over(head.nodes - free.nodes, [one.nodes for one in held]),
            _left_over(head.gpus - free.gpus, [one.gpus for one in held]),
        ),
        None,
    )


def _left_over(missing: int, sizes: Iterable[int]) -> int:
    """Return what is left over of what is missing, whichever of the sizes come in: the least there can be."""
    if missing <= 0:
        return -missing
    sums = 1  # bit n is set where some of the sizes add up to n
    for size, count in Counter(sizes).items():
        step = 1
        while count > 0:
            sums |= sums << size * min(step, count)
            count -= step  # noqa: PLW2901 - it is what is still to be added
            step *= 2
    enough = sums >> missing
    return (enough & -enough).bit_length() - 1 if enough else 0


def _fits(ask: Ask, free: Amount) -> bool:
    return ask.nodes <= free.nodes and ask.gpus <= free.gpus


def _less(free: Amount, ask: Ask) -> Amount:
    return Amount(free.nodes - ask.nodes, free.gpus - ask.gpus)


def _held(ask: Ask, now: float) -> Held:
    return Held(ask.nodes, ask.gpus, None if ask.seconds is None else now + ask.seconds)
