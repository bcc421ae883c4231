"""A sweep, seen from the notebook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.runs.run import Run
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.sweep_record import MAXIMIZE
from jupyter_ext.store.sweeps import MetricSeries, best_of, parameters_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.core.workspaces.experiment import Experiment
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.sweep_record import Sweep

    from .config import HyperDriveConfig


class HyperDriveRun(Run):
    """A sweep: a run whose child runs try out parameters; what ``Experiment.submit`` returns for a HyperDriveConfig.

    Parameters
    ----------
    experiment, run_id
        Which run.
    hyperdrive_config
        What it was submitted with, where it was submitted just now.

    Raises
    ------
    UserErrorException
        The workspace has no such run, or it is no sweep.
    """

    def __init__(
        self,
        experiment: Experiment,
        run_id: str,
        hyperdrive_config: HyperDriveConfig | None = None,
        _paths: RunPaths | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(experiment, run_id, _paths=_paths, **kwargs)
        self._config = hyperdrive_config

    @property
    def hyperdrive_config(self) -> HyperDriveConfig | None:
        """What it was submitted with; None where it was found again."""
        return self._config

    @property
    def _sweep(self) -> Sweep:
        if self._spec.sweep is None:
            raise UserErrorException(f"Run {self.id} is no sweep.")
        return self._spec.sweep

    def get_hyperparameters(self) -> dict[str, str]:
        """Return the parameters of each child by its id, as JSON."""
        return {run_id: json.dumps(one) for run_id, one in self._parameters().items()}

    def get_metrics(self) -> dict[str, dict[str, Any]]:  # type: ignore[override]  # v1's takes no parameters
        """Return the metrics of each child by its id."""
        return {child.id: child.get_metrics() for child in self._begun()}

    def get_children_sorted_by_primary_metric(
        self, top: int = 0, reverse: bool = False, discard_no_metric: bool = False
    ) -> list[dict[str, Any]]:
        """Return the children, best first; those that have logged no value come last.

        Parameters
        ----------
        top
            Only so many; all, where it is 0.
        reverse
            The worst first.
        discard_no_metric
            Leave out those that have logged no value.

        Returns
        -------
        list of dict
            ``run_id``, ``hyperparameters`` as JSON, ``best_primary_metric`` and ``status`` of each.
        """
        parameters = self.get_hyperparameters()
        told: list[dict[str, Any]] = [
            {
                "run_id": child.id,
                "hyperparameters": parameters[child.id],
                "best_primary_metric": self._best_value(child),
                "status": child.get_status(),
            }
            for child in self._begun()
        ]
        known = [one for one in told if one["best_primary_metric"] is not None]
        none = [] if discard_no_metric else [one for one in told if one["best_primary_metric"] is None]
        best_is_high = self._sweep.goal == MAXIMIZE
        known.sort(key=lambda one: one["best_primary_metric"], reverse=best_is_high != reverse)
        ordered = known + none
        return ordered[:top] if top else ordered

    def get_best_run_by_primary_metric(
        self, include_failed: bool = True, include_canceled: bool = True, include_resume_from_runs: bool = True
    ) -> Run | None:
        """Return the child with the best value so far; None where none has logged one.

        Parameters
        ----------
        include_failed, include_canceled
            Whether children that ended so count.
        include_resume_from_runs
            Accepted as in v1: earlier sweeps are asked themselves.
        """
        del include_resume_from_runs
        left_out = {"Failed": not include_failed, "Canceled": not include_canceled}
        for one in self.get_children_sorted_by_primary_metric(discard_no_metric=True):
            if not left_out.get(one["status"]):
                return self.experiment.workspace.get_run(one["run_id"])
        return None

    def get_diagnostics(self) -> dict[str, dict[str, Any]]:
        """Return the state of each child with the reason for it, by its id."""
        return {child.id: child.get_detailed_status() for child in self._begun()}

    def fail(self, error_details: Any = None, error_code: Any = None, _set_status: bool = True) -> None:
        """Raise, as in v1: a sweep ends as its children do.

        Raises
        ------
        UserErrorException
            Always.
        """
        del error_details, error_code
        raise UserErrorException(f"A sweep cannot be marked as failed: {self.id} ends as its runs do, or cancel() it.")

    def _parameters(self) -> dict[str, dict[str, Any]]:
        return parameters_of(self.id, self.get_tags())

    def _begun(self) -> Iterator[Run]:
        """Yield the children in the order in which they began."""
        catalogue = self.experiment.workspace._catalogue
        for run_id in self._parameters():
            if catalogue.run_paths(run_id) is not None:
                yield self.experiment.workspace.get_run(run_id)

    def _best_value(self, child: Run) -> float | None:
        return best_of(MetricSeries(child.paths, self._sweep.metric).read(), self._sweep.goal)

    def _results(self) -> list[tuple[dict[str, Any], float]]:
        """Return the parameters and the best value of each child that has one."""
        parameters = self._parameters()
        told = [(parameters[child.id], self._best_value(child)) for child in self._begun()]
        return [(one, value) for one, value in told if value is not None]
