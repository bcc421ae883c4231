"""What a parameter of a sweep may be: v1's parameter expressions, each a name and its arguments."""

from __future__ import annotations

from typing import Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

Expression = list[Any]


def choice(*options: Any) -> Expression:
    """Return a choice among options, given one by one or as one list.

    Raises
    ------
    UserErrorException
        There are none, or one is neither text nor number.
    """
    first = options[0] if len(options) == 1 else options
    values = list(first) if isinstance(first, list | tuple | range) else [first]
    if not values:
        raise UserErrorException("choice() needs options to choose among.")
    wrong = next((one for one in values if not (one is None or isinstance(one, str | int | float | bool))), None)
    if wrong is not None:
        raise UserErrorException(f"An option of choice() is text or a number, not a {type(wrong).__name__}: {wrong!r}.")
    return ["choice", [values]]


def randint(upper: int) -> Expression:
    """Return a whole number from 0 up to, and without, ``upper``."""
    if not isinstance(upper, int) or upper < 1:
        raise UserErrorException(f"randint() takes a whole number from 1, not {upper!r}.")
    return ["randint", [upper]]


def uniform(min_value: float, max_value: float) -> Expression:
    """Return a number between two."""
    return ["uniform", [*_ordered("uniform", min_value, max_value)]]


def quniform(min_value: float, max_value: float, q: float) -> Expression:
    """Return a multiple of ``q`` between two numbers."""
    return ["quniform", [*_ordered("quniform", min_value, max_value), _positive("quniform", q)]]


def loguniform(min_value: float, max_value: float) -> Expression:
    """Return ``exp(uniform(min_value, max_value))``."""
    return ["loguniform", [*_ordered("loguniform", min_value, max_value)]]


def qloguniform(min_value: float, max_value: float, q: float) -> Expression:
    """Return a multiple of ``q`` near ``exp(uniform(min_value, max_value))``."""
    return ["qloguniform", [*_ordered("qloguniform", min_value, max_value), _positive("qloguniform", q)]]


def normal(mu: float, sigma: float) -> Expression:
    """Return a number with this mean and standard deviation."""
    return ["normal", [mu, _positive("normal", sigma)]]


def qnormal(mu: float, sigma: float, q: float) -> Expression:
    """Return a multiple of ``q`` near :func:`normal`."""
    return ["qnormal", [mu, _positive("qnormal", sigma), _positive("qnormal", q)]]


def lognormal(mu: float, sigma: float) -> Expression:
    """Return ``exp(normal(mu, sigma))``."""
    return ["lognormal", [mu, _positive("lognormal", sigma)]]


def qlognormal(mu: float, sigma: float, q: float) -> Expression:
    """Return a multiple of ``q`` near :func:`lognormal`."""
    return ["qlognormal", [mu, _positive("qlognormal", sigma), _positive("qlognormal", q)]]


def _ordered(name: str, low: float, high: float) -> tuple[float, float]:
    if not low < high:
        raise UserErrorException(f"{name}() goes from the smaller to the larger number, not from {low} to {high}.")
    return low, high


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise UserErrorException(f"{name}() needs a width above 0, not {value}.")
    return value
