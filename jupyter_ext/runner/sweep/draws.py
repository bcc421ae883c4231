"""Drawing parameters from a search space.

A draw depends on the sweep and on its number alone, and for sampling that learns on the results so far: a runner that
takes over draws what the first one would have drawn.
"""

from __future__ import annotations

import itertools
import math
import random
from typing import TYPE_CHECKING, Any

from jupyter_ext.store.sweep_record import MAXIMIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jupyter_ext.store.sweep_record import Sweep

    Results = Sequence[tuple[dict[str, Any], float | None]]


def draw(sweep: Sweep, number: int, results: Results) -> dict[str, Any] | None:
    """Return the parameters of a child; None where the space is used up.

    Parameters
    ----------
    number
        The child's, from 0.
    results
        Parameters and best value of each child so far; None for one that has no value yet.
    """
    if number < len(sweep.first):
        return sweep.first[number]
    number -= len(sweep.first)
    if sweep.sampling == "GRID":
        names = list(sweep.space)
        grid = itertools.product(*(sweep.space[name][1][0] for name in names))
        cell = next(itertools.islice(grid, number, None), None)
        return None if cell is None else dict(zip(names, cell, strict=True))
    if sweep.sampling == "BayesianOptimization":
        return _learned(sweep, number, results)
    source = random.Random(f"{sweep.seed}-{number}")  # noqa: S311 - no secret
    drawn: dict[str, Any] = {name: _DRAWN[kind](source, *given) for name, (kind, given) in sweep.space.items()}
    return drawn


def _rounded(value: float, q: float) -> float:
    return round(value / q) * q


_DRAWN: dict[str, Callable[..., Any]] = {
    "choice": lambda source, options: source.choice(options),
    "randint": lambda source, upper: source.randrange(upper),
    "uniform": lambda source, low, high: source.uniform(low, high),
    "quniform": lambda source, low, high, q: _rounded(source.uniform(low, high), q),
    "loguniform": lambda source, low, high: math.exp(source.uniform(low, high)),
    "qloguniform": lambda source, low, high, q: _rounded(math.exp(source.uniform(low, high)), q),
    "normal": lambda source, mu, sigma: source.gauss(mu, sigma),
    "qnormal": lambda source, mu, sigma, q: _rounded(source.gauss(mu, sigma), q),
    "lognormal": lambda source, mu, sigma: math.exp(source.gauss(mu, sigma)),
    "qlognormal": lambda source, mu, sigma, q: _rounded(math.exp(source.gauss(mu, sigma)), q),
}


def _learned(sweep: Sweep, number: int, results: Results) -> dict[str, Any]:
    """Let Optuna propose what promises most after the results so far."""
    import optuna  # noqa: PLC0415 - an extra; sampling that learns only
    from optuna.trial import TrialState, create_trial  # noqa: PLC0415 - as above

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    distributions = {name: _distribution(optuna.distributions, *one) for name, one in sweep.space.items()}
    study = optuna.create_study(
        direction="maximize" if sweep.goal == MAXIMIZE else "minimize",
        sampler=optuna.samplers.TPESampler(seed=sweep.seed + number, constant_liar=True),
    )
    for parameters, value in (*sweep.known, *results):
        if not _is_in(distributions, parameters):
            continue  # of an earlier sweep over another space
        state = TrialState.RUNNING if value is None else TrialState.COMPLETE
        study.add_trial(create_trial(state=state, params=parameters, distributions=distributions, value=value))
    proposed: dict[str, Any] = study.ask(distributions).params
    return proposed


def _is_in(distributions: dict[str, Any], parameters: dict[str, Any]) -> bool:
    """Tell whether parameters lie in a search space."""
    if set(parameters) != set(distributions):
        return False
    try:
        return all(one._contains(one.to_internal_repr(parameters[name])) for name, one in distributions.items())  # noqa: SLF001 - Optuna has no other way to ask
    except ValueError:  # a choice that is none
        return False


def _distribution(kinds: Any, kind: str, arguments: list[Any]) -> Any:
    if kind == "choice":
        return kinds.CategoricalDistribution(arguments[0])
    low, high, *step = arguments
    return kinds.FloatDistribution(float(low), float(high), step=float(step[0]) if step else None)
