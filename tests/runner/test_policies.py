"""Which children a sweep's policy ends."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_ext.runner.sweep.draws import draw
from jupyter_ext.runner.sweep.policies import Stopping
from jupyter_ext.store.sweep_record import MAXIMIZE, MINIMIZE, Sweep


def sweep(policy: str, goal: str = MAXIMIZE, **properties: Any) -> Sweep:
    return Sweep(
        sampling="RANDOM",
        space={},
        seed=1,
        metric="m",
        goal=goal,
        policy=policy,
        policy_properties={"evaluation_interval": 1, "delay_evaluation": 0, **properties},
    )


def ended(asked: Sweep, **series: list[float]) -> list[str]:
    return Stopping(asked).hopeless([*series], series)


def test_no_policy_ends_none() -> None:
    assert ended(sweep("Default"), a=[1.0], b=[0.0]) == []


def test_bandit_allows_a_slack() -> None:
    asked = sweep("Bandit", slack_factor=0.25)
    assert ended(asked, a=[1.0], b=[0.81], c=[0.79]) == ["c"]
    assert ended(sweep("Bandit", MINIMIZE, slack_factor=0.25), a=[1.0], b=[1.24], c=[1.26]) == ["c"]
    assert ended(sweep("Bandit", slack_amount=0.3), a=[1.0], b=[0.71], c=[0.69]) == ["c"]
    assert ended(asked, a=[0.2, 0.9], b=[0.2]) == []  # compared after as many values


def test_bandit_s_slack_of_what_is_below_0_is_on_the_worse_side_too() -> None:
    asked = sweep("Bandit", slack_factor=0.25)
    assert ended(asked, a=[-100.0], b=[-124.0], c=[-126.0]) == ["c"]
    assert ended(sweep("Bandit", MINIMIZE, slack_factor=0.25), a=[-100.0], b=[-81.0], c=[-79.0]) == ["c"]
    assert ended(asked, a=[0.0], b=[-0.1]) == ["b"]


def test_the_median_of_the_averages() -> None:
    asked = sweep("MedianStopping")
    assert ended(asked, a=[0.9, 0.9], b=[0.5, 0.5], c=[0.1, 0.2]) == ["c"]
    assert ended(sweep("MedianStopping", MINIMIZE), a=[0.9, 0.9], b=[0.5, 0.5], c=[0.1, 0.2]) == ["a"]


def test_truncation_takes_a_share_of_the_worst() -> None:
    series = {str(number): [float(number)] for number in range(10)}
    assert ended(sweep("TruncationSelection", truncation_percentage=20), **series) == ["0", "1"]
    assert ended(sweep("TruncationSelection", MINIMIZE, truncation_percentage=20), **series) == ["8", "9"]
    assert ended(sweep("TruncationSelection", truncation_percentage=20), a=[1.0], b=[0.0]) == []


def test_it_judges_at_its_intervals_and_once() -> None:
    stopping = Stopping(sweep("Bandit", slack_amount=0.1, evaluation_interval=2, delay_evaluation=4))
    good = [1.0] * 10
    assert stopping.hopeless(["b"], {"a": good, "b": [0.0] * 3}) == []
    assert stopping.hopeless(["b"], {"a": good, "b": [0.0] * 5}) == ["b"]
    assert stopping.hopeless(["b"], {"a": good, "b": [0.0] * 5}) == []
    assert stopping.hopeless(["b"], {"a": good, "b": [0.0] * 6}) == ["b"]


@pytest.mark.parametrize(
    ("kind", "arguments", "low", "high", "q"),
    [
        ("uniform", [1, 2], 1, 2, None),
        ("quniform", [1, 9, 2], 0, 10, 2),
        ("loguniform", [0, 1], 1, 2.72, None),
        ("qloguniform", [0, 3], 1, 21, 1),
        ("normal", [5, 0.1], 4, 6, None),
        ("qnormal", [5, 0.1, 5], 5, 5, 5),
        ("lognormal", [0, 0.1], 0.5, 2, None),
        ("qlognormal", [0, 0.1, 1], 1, 1, 1),
        ("randint", [3], 0, 2, 1),
    ],
)
def test_draws_keep_to_their_range(kind: str, arguments: list[Any], low: float, high: float, q: float | None) -> None:
    given = [*arguments, 1] if kind == "qloguniform" else arguments
    asked = Sweep(sampling="RANDOM", space={"x": [kind, given]}, seed=3, metric="m", goal=MAXIMIZE)
    values = [(draw(asked, number, []) or {})["x"] for number in range(50)]
    assert all(low <= value <= high for value in values)
    assert q is None or all(value % q == 0 for value in values)
    assert values == [(draw(asked, number, []) or {})["x"] for number in range(50)]
