"""Who starts: the rule by itself, its promises by brute force, and a large cluster simulated."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from typing import NamedTuple

import pytest

from jupyter_ext.store.queueing.scheduling import Amount, Ask, Held, to_start

SMALL, LARGE = 1, 5


def started(free: int, waiting: list[Ask], held: list[Held], now: float = 0.0) -> list[str]:
    return [ask.run_id for ask in to_start(Amount(free), waiting, held, now)]


def test_in_order_as_far_as_there_is_room() -> None:
    assert started(3, [Ask("a", 1), Ask("b", 2), Ask("c", 1)], []) == ["a", "b"]


def test_a_gang_starts_whole_or_not_at_all() -> None:
    assert started(3, [Ask("wide", 4)], [Held(1)]) == []
    assert started(4, [Ask("wide", 4)], []) == ["wide"]


def test_nobody_passes_where_any_end_could_let_the_head_start() -> None:
    assert started(1, [Ask("wide", 2), Ask("small", 1)], [Held(1)]) == []


def test_what_is_left_over_whoever_ends_may_be_taken() -> None:
    assert started(1, [Ask("wide", 3), Ask("small", 1)], [Held(3)]) == ["small"]
    assert started(1, [Ask("wide", 3), Ask("small", 1), Ask("next", 1)], [Held(3)]) == ["small"]
    assert started(2, [Ask("wide", 3), Ask("small", 2)], [Held(3)]) == ["small"]
    assert started(2, [Ask("wide", 3), Ask("small", 2)], [Held(2), Held(1)]) == []


def test_who_ends_before_the_promised_time_may_pass_and_who_does_not_may_not() -> None:
    held = [Held(1, ends=100.0)]
    assert started(1, [Ask("wide", 2), Ask("short", 1, seconds=90)], held, now=10.0) == ["short"]
    assert started(1, [Ask("wide", 2), Ask("long", 1, seconds=91)], held, now=10.0) == []
    assert started(1, [Ask("wide", 2), Ask("who knows", 1)], held, now=10.0) == []


def test_what_the_head_leaves_over_at_the_promised_time_may_be_taken_for_long() -> None:
    assert started(2, [Ask("wide", 3), Ask("long", 1, seconds=1e6)], [Held(2, ends=5.0)]) == ["long"]


def test_gpus_count_by_themselves() -> None:
    waiting = [Ask("a", 1, 2), Ask("cpu", 1), Ask("gpu", 1, 1)]
    assert [ask.run_id for ask in to_start(Amount(3, 1), waiting, [Held(1, 1)], 0.0)] == ["cpu"]
    assert [ask.run_id for ask in to_start(Amount(3, 1), waiting, [Held(1, 2)], 0.0)] == ["cpu", "gpu"]


@pytest.mark.parametrize("seed", range(5))
def test_the_head_never_starts_later_for_those_who_pass(seed: int) -> None:
    """Whatever order the holders end in, the head can start as soon as it could have with nobody passing."""
    chance = random.Random(seed)
    passed = 0
    for _ in range(300):
        held = [Held(chance.randint(1, 4)) for _ in range(chance.randint(1, 4))]
        free = chance.randint(0, 3)
        total = free + sum(one.nodes for one in held)
        if free >= total - 1:
            continue
        head = Ask("head", chance.randint(free + 1, total))
        others = [Ask(f"r{k}", chance.randint(1, 3)) for k in range(4)]
        got = to_start(Amount(free), [head, *others], held, 0.0)
        taken = sum(ask.nodes for ask in got)
        passed += len(got)
        for ended in itertools.chain.from_iterable(
            itertools.combinations(held, count) for count in range(len(held) + 1)
        ):
            back = sum(one.nodes for one in ended)
            if free + back >= head.nodes:
                assert free - taken + back >= head.nodes
    assert passed > 10


class Job(NamedTuple):
    came: float
    ask: Ask
    takes: float


def in_order(waiting: list[Ask], free: int) -> list[Ask]:
    """Return the beginning of the line that fits, and no more."""
    sums = itertools.accumulate(ask.nodes for ask in waiting)
    return [ask for ask, _ in zip(waiting, itertools.takewhile(lambda total: total <= free, sums), strict=False)]


def simulate(jobs: list[Job], nodes: int, *, passing: bool) -> dict[str, float]:
    """Return how long each job waited, by the real function; without ``passing`` the line stands behind its head."""
    free, numbers = nodes, itertools.count()
    waiting: list[Ask] = []
    ends: list[tuple[float, int, Job]] = []
    held: dict[str, Held] = {}
    waits: dict[str, float] = {}
    coming, known = deque(jobs), {job.ask.run_id: job for job in jobs}
    while coming or waiting:
        now = min(coming[0].came if coming else float("inf"), ends[0][0] if ends else float("inf"))
        while coming and coming[0].came <= now:
            waiting.append(coming.popleft().ask)
        while ends and ends[0][0] <= now:
            ended = heapq.heappop(ends)[2]
            free += ended.ask.nodes
            del held[ended.ask.run_id]
        if not free:
            continue
        for ask in to_start(Amount(free), waiting if passing else in_order(waiting, free), held.values(), now):
            job = known[ask.run_id]
            assert ask.run_id not in waits
            waits[ask.run_id] = now - job.came
            waiting.remove(ask)
            free -= ask.nodes
            held[ask.run_id] = Held(ask.nodes, 0, None if ask.seconds is None else now + ask.seconds)
            heapq.heappush(ends, (now + job.takes, next(numbers), job))
        assert free >= 0
    return waits


def made_up(count: int, nodes: int, load: float) -> list[Job]:
    """Make jobs of many sizes, half of them with a limit, that would keep ``load`` of the nodes busy."""
    chance = random.Random(7)
    jobs, now = [], 0.0
    for number in range(count):
        wide = chance.random() < 0.02
        size = chance.randint(nodes // 4, nodes) if wide else chance.choice((1, 1, 1, 2, 4, 8))
        takes = chance.expovariate(1 / 600)
        limit = takes * chance.uniform(1, 3) if chance.random() < 0.5 else None
        now += size * takes / nodes / load
        jobs.append(Job(now, Ask(f"{number}", size, 0, limit), takes))
    return jobs


def test_a_thousand_nodes_and_a_hundred_thousand_runs() -> None:
    jobs = made_up(100_000, 1000, load=0.8)
    waits = simulate(jobs, 1000, passing=True)
    assert len(waits) == len(jobs)
    plain = simulate(jobs, 1000, passing=False)
    small = [job.ask.run_id for job in jobs if job.ask.nodes < 250]
    wide = [job.ask.run_id for job in jobs if job.ask.nodes >= 250]
    assert sum(waits[name] for name in small) < sum(plain[name] for name in small)  # it is worth it
    assert sum(waits[name] for name in wide) <= sum(plain[name] for name in wide)  # and not at the cost of the wide
    assert max(waits.values()) <= max(plain.values())  # nobody starves
