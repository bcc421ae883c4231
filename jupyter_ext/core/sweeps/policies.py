"""When a sweep ends a child before its time."""

from __future__ import annotations

from typing import Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException


class EarlyTerminationPolicy:
    """When children are ended; see the classes below it.

    Parameters
    ----------
    name
        v1's name of the rule.
    evaluation_interval
        How many values of the primary metric a child logs between two judgements.
    delay_evaluation
        How many it logs before the first.
    **properties
        What else the rule is told.

    Raises
    ------
    UserErrorException
        A number is out of its range.
    """

    def __init__(
        self, name: str = "Default", evaluation_interval: int = 1, delay_evaluation: int = 0, **properties: Any
    ) -> None:
        if int(evaluation_interval) < 1 or int(delay_evaluation) < 0:
            raise UserErrorException("evaluation_interval is at least 1, and delay_evaluation at least 0.")
        self._name = name
        self._properties = {
            "evaluation_interval": int(evaluation_interval),
            "delay_evaluation": int(delay_evaluation),
            **properties,
        }

    @property
    def evaluation_interval(self) -> int:
        """How many values of the primary metric a child logs between two judgements."""
        return int(self._properties["evaluation_interval"])

    @property
    def delay_evaluation(self) -> int:
        """How many values a child logs before it is judged first."""
        return int(self._properties["delay_evaluation"])

    def to_json(self) -> dict[str, Any]:
        """Return it as v1 writes it."""
        return {"name": self._name, "properties": dict(self._properties)}


class BanditPolicy(EarlyTerminationPolicy):
    """Ends a child that is worse than the best one by more than a slack.

    Parameters
    ----------
    slack_factor, slack_amount
        One of both: the slack as a share of the best value, or as an amount.
    """

    def __init__(
        self,
        evaluation_interval: int = 1,
        slack_factor: float | None = None,
        slack_amount: float | None = None,
        delay_evaluation: int = 0,
    ) -> None:
        if (slack_factor is None) == (slack_amount is None):
            raise UserErrorException("BanditPolicy takes either a slack_factor or a slack_amount.")
        if (slack_factor or slack_amount or 0) < 0:
            raise UserErrorException("A slack is not negative.")
        given = {"slack_factor": slack_factor} if slack_factor is not None else {"slack_amount": slack_amount}
        super().__init__("Bandit", evaluation_interval, delay_evaluation, **given)

    @property
    def slack_factor(self) -> float | None:
        """The slack as a share of the best value."""
        factor: float | None = self._properties.get("slack_factor")
        return factor


class MedianStoppingPolicy(EarlyTerminationPolicy):
    """Ends a child whose best value is worse than the median of all averages so far."""

    def __init__(self, evaluation_interval: int = 1, delay_evaluation: int = 0) -> None:
        super().__init__("MedianStopping", evaluation_interval, delay_evaluation)


class TruncationSelectionPolicy(EarlyTerminationPolicy):
    """Ends a share of the worst children at each judgement.

    Parameters
    ----------
    truncation_percentage
        The share, from 1 to 99.
    """

    def __init__(self, truncation_percentage: int, evaluation_interval: int = 1, delay_evaluation: int = 0) -> None:
        if not 1 <= int(truncation_percentage) <= 99:  # noqa: PLR2004 - percent
            raise UserErrorException(f"truncation_percentage is from 1 to 99, not {truncation_percentage}.")
        super().__init__(
            "TruncationSelection",
            evaluation_interval,
            delay_evaluation,
            truncation_percentage=int(truncation_percentage),
        )

    @property
    def truncation_percentage(self) -> int:
        """The share of children that is ended."""
        return int(self._properties["truncation_percentage"])


class NoTerminationPolicy(EarlyTerminationPolicy):
    """Ends none."""

    def __init__(self) -> None:
        super().__init__("Default")
