"""How a sweep draws its parameters."""

from __future__ import annotations

import importlib.util
from typing import Any, ClassVar

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException


class HyperParameterSampling:
    """A search space, and how parameters are drawn from it.

    Parameters
    ----------
    parameter_space
        For each option of the script, with its dashes or without, an expression such as ``uniform(0, 1)``.
    properties
        ``seed``: what makes the draws the same again.

    Raises
    ------
    UserErrorException
        The space is empty, or has an expression that this sampling does not draw from.
    """

    _name: ClassVar[str]
    _draws: ClassVar[frozenset[str] | None] = None

    def __init__(self, parameter_space: dict[str, Any], properties: dict[str, Any] | None = None) -> None:
        if not isinstance(parameter_space, dict) or not parameter_space:
            raise UserErrorException("A parameter space is a dictionary: {'--lr': uniform(0.001, 0.1)}.")
        for name, expression in parameter_space.items():
            if not isinstance(expression, list) or len(expression) != 2:  # noqa: PLR2004 - a name and its arguments
                raise UserErrorException(f"{name}: {expression!r} is no expression such as choice(1, 2).")
            if self._draws is not None and expression[0] not in self._draws:
                raise UserErrorException(
                    f"{name}: {type(self).__name__} draws from {', '.join(sorted(self._draws))}, not {expression[0]}."
                )
        self._space = parameter_space
        self._properties = dict(properties or {})

    def to_json(self) -> dict[str, Any]:
        """Return it as v1 writes it."""
        return {"name": self._name, "parameter_space": self._space, "properties": self._properties}

    def _check(self) -> None:
        """Refuse what cannot be drawn here."""


class RandomParameterSampling(HyperParameterSampling):
    """Every draw is independent of the others."""

    _name = "RANDOM"


class GridParameterSampling(HyperParameterSampling):
    """Every combination of choices, once."""

    _name = "GRID"
    _draws: ClassVar = frozenset({"choice"})


class BayesianParameterSampling(HyperParameterSampling):
    """Draws what promises most after the results so far; Optuna decides."""

    _name = "BayesianOptimization"
    _draws: ClassVar = frozenset({"choice", "uniform", "quniform"})

    def _check(self) -> None:
        if importlib.util.find_spec("optuna") is None:
            raise UserErrorException("BayesianParameterSampling needs Optuna: pip install 'jupyter-aml[optuna]'.")
