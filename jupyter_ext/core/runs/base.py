"""What a run is, and how it is: the part of a run that everything else about it stands on."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.logger import RunLogger
from jupyter_ext.store.queueing.queue import Queue
from jupyter_ext.store.records import TERMINAL, RunSpec, read_record
from jupyter_ext.store.runners import tend

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.experiment import Experiment
    from jupyter_ext.store.locks import Lock
    from jupyter_ext.store.paths import RunPaths

_TEND_SECONDS = 1.0


class RunBase(RunLogger):
    """A run's names and state.

    Parameters
    ----------
    experiment
        The experiment.
    paths
        Where the run lies; what is written there is read when it is asked for, so that a list of runs is quick.
    """

    def __init__(self, experiment: Experiment, paths: RunPaths) -> None:
        super().__init__(str(paths.root))
        self._experiment = experiment
        self.paths = paths
        self._status = "NotStarted"
        self._tended = 0.0
        self._lock: Lock | None = None

    @cached_property
    def _spec(self) -> RunSpec:
        spec = read_record(self.paths.run_json, RunSpec)
        if spec is None:
            raise UserErrorException(f"Run {self.paths.run_id} is gone: {self.paths.root} was deleted.")
        return spec

    @property
    def id(self) -> str:
        """The run's id."""
        return self.paths.run_id

    @property
    def experiment(self) -> Experiment:
        """The experiment."""
        return self._experiment

    @property
    def type(self) -> str | None:
        """What kind of run it is, ``azureml.scriptrun`` for a submitted script; None for one of the notebook itself."""
        return self._spec.type or None

    @property
    def number(self) -> int:
        """The run's number within its experiment, from 1."""
        return self._spec.number

    @property
    def name(self) -> str:
        """The display name, else the id."""
        return self.display_name

    @property
    def display_name(self) -> str:
        """The display name, else the id; it can be set."""
        return str(self._state()["display_name"] or self.id)

    @display_name.setter
    def display_name(self, value: str) -> None:
        append_event(str(self.paths.root), display_name=str(value))

    @property
    def description(self) -> str | None:
        """The description; it can be set."""
        value: str | None = self._state()["description"]
        return value

    @description.setter
    def description(self, value: str) -> None:
        append_event(str(self.paths.root), description=str(value))

    @property
    def tags(self) -> dict[str, Any]:
        """The tags."""
        return self.get_tags()

    @property
    def properties(self) -> dict[str, Any]:
        """The properties, which never change."""
        return self.get_properties()

    @property
    def status(self) -> str:
        """The state, as :meth:`get_status` gave it last; asked for when it never was."""
        return self._status if self._status in TERMINAL else self.get_status()

    def get_status(self) -> str:
        """Return the state now. A run whose runner is gone is taken care of on the way."""
        self._see_to_it()
        if self._status not in TERMINAL:
            self._status = str(self._state()["status"])
        return self._status

    def get_detailed_status(self) -> dict[str, Any]:
        """Return the state with the reason for it."""
        state, status = self._state(), self.get_status()
        details = state["reason"] or state["note"]
        if status == "Queued":
            details = Queue(self.experiment.workspace._catalogue).standing(self.id, self._spec.target) or details
        return {"status": status, "details": details}

    def _see_to_it(self) -> None:
        now = time.monotonic()
        if self._lock is None and now - self._tended > _TEND_SECONDS:
            self._tended = now
            tend(self.paths, self.experiment.workspace._catalogue)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunBase) and other.paths == self.paths

    def __hash__(self) -> int:
        return hash(self.paths)
