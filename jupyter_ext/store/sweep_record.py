"""What a sweep was asked to try out."""

from __future__ import annotations

from typing import Any

import msgspec

HYPERDRIVE = "hyperdrive"
MAXIMIZE, MINIMIZE = "MAXIMIZE", "MINIMIZE"
SYSTEM_TAG = "_aml_system_"
"""How the second name begins under which a sweep's tags stand (v1)."""

BEST_CHILD = "best_child_by_primary_metric"
"""The metric of a sweep that tells its best child so far, in rows."""


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep is to try out; its parts are named as in v1's tags.

    Attributes
    ----------
    sampling
        ``RANDOM``, ``GRID`` or ``BayesianOptimization``.
    space
        For each parameter a distribution's name and arguments.
    seed
        Of the random draws, so that a runner that takes over draws the same.
    first
        Parameters to try before any are drawn.
    known
        Parameters and results of earlier sweeps, for sampling that learns.
    policy
        ``Bandit``, ``MedianStopping``, ``TruncationSelection`` or ``Default``, which ends none.
    """

    sampling: str
    space: dict[str, list[Any]]
    seed: int
    metric: str
    goal: str
    policy: str = "Default"
    policy_properties: dict[str, Any] = {}
    max_total: int = 1
    max_concurrent: int = 1
    max_minutes: float = 10080.0
    first: list[dict[str, Any]] = []
    known: list[tuple[dict[str, Any], float]] = []


def as_option(name: str) -> str:
    """Return how a parameter is written for the script: ``learning_rate`` as ``--learning_rate``, as v1 does."""
    return name if name.startswith("-") else f"--{name}"
