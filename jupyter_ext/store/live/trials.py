"""The trials of a sweep, read as they go on: what each tries, how it is, and what it has reached."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from jupyter_ext.store.live.series import spelled
from jupyter_ext.store.live.story import Story
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.sweep_record import MAXIMIZE
from jupyter_ext.store.sweeps import MetricSeries, best_of, parameters_of

if TYPE_CHECKING:
    from jupyter_ext.store.sweep_record import Sweep


class Trials:
    """Follows the child runs that a sweep has begun; of any other run there are none.

    Parameters
    ----------
    paths
        The sweep's paths.
    """

    def __init__(self, paths: RunPaths) -> None:
        self._paths = paths
        self._sweep: Sweep | None = None
        self._trials: dict[str, _Trial] = {}

    def refresh(self, story: Story) -> bool:
        """Read what was added; return whether anything changed.

        Parameters
        ----------
        story
            That of the sweep, refreshed by its owner.
        """
        if story.spec is None or story.spec.sweep is None:
            return False
        changed = self._sweep is None
        self._sweep = story.spec.sweep
        with suppress(ValueError):  # a tag that somebody has overwritten
            for run_id, parameters in parameters_of(story.spec.run_id, story.state["tags"]).items():
                if run_id not in self._trials:
                    paths = RunPaths(self._paths.root.parent / run_id)
                    self._trials[run_id] = _Trial(paths, parameters, self._sweep)
        return any([trial.refresh() for trial in self._trials.values()]) or changed  # noqa: C419 - each is to be read

    def topic(self) -> dict[str, Any] | None:
        """Give the primary metric, and the trials with the best first; None of a run that is no sweep."""
        if self._sweep is None:
            return None
        begun = [trial for trial in self._trials.values() if trial.has_begun]
        sign = -1 if self._sweep.goal == MAXIMIZE else 1
        begun.sort(key=lambda trial: (trial.best is None, sign * (trial.best or 0)))
        return {
            "metric": self._sweep.metric,
            "goal": self._sweep.goal,
            "parameters": list(self._sweep.space),
            "trials": [trial.told() for trial in begun],
        }


class _Trial:
    """One child run of a sweep."""

    def __init__(self, paths: RunPaths, parameters: dict[str, Any], sweep: Sweep) -> None:
        self.best: float | None = None
        self._parameters = parameters
        self._goal = sweep.goal
        self._story = Story(paths)
        self._series = MetricSeries(paths, sweep.metric)
        self._values: list[float] = []
        self._is_complete = False

    @property
    def has_begun(self) -> bool:
        """Whether it has a run directory: the parameters are there before it."""
        return self._story.spec is not None

    def refresh(self) -> bool:
        """Read what was added; nothing is looked for any more once all of a trial that has ended was read."""
        if self._is_complete:
            return False
        told = self._story.refresh()
        values = self._series.read()
        logged = values is not self._values
        if logged:
            self._values = values
            self.best = best_of(values, self._goal)
        self._is_complete = self._story.has_ended and not (told or logged)
        return told or logged

    def told(self) -> dict[str, Any]:
        """Give its row."""
        state = self._story.state
        run_id = self._story.paths.run_id
        return {
            "id": run_id,
            "number": int(run_id.rpartition("_")[2]),
            "parameters": self._parameters,
            "status": self._story.status,
            "reason": state["reason"],
            "best": spelled(self.best),
            "last": spelled(self._values[-1]) if self._values else None,
            "started": state["started"],
            "ended": state["ended"],
        }
