"""A run, seen from the notebook."""

from __future__ import annotations

import html
import time
import traceback
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.metric_logger import child_dirs
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.records import TERMINAL, RunSpec, read_record
from jupyter_ext.store.runners import request_cancel, tend

from .run_files import RunFiles
from .times import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from jupyter_ext.store.locks import Lock

    from .environment import Environment
    from .experiment import Experiment
    from .model import Model
    from .workspace import Workspace

_TEND_SECONDS = 1.0


class Run(RunFiles):
    """A run of an experiment.

    ``Run(experiment, run_id)`` is a run that exists. New ones come from ``Experiment.submit``,
    ``Experiment.start_logging`` and :meth:`child_run`; in a script, from ``Run.get_context()``.

    Parameters
    ----------
    experiment
        The experiment.
    run_id
        The run's id.

    Raises
    ------
    UserErrorException
        The workspace has no such run.
    """

    _providers: dict[str, Callable[..., Run]] = {}  # noqa: RUF012 - filled by add_type_provider

    def __init__(
        self,
        experiment: Experiment,
        run_id: str,
        outputs: Any = None,
        _paths: RunPaths | None = None,
        **kwargs: Any,
    ) -> None:
        del outputs, kwargs
        paths = _paths or experiment.workspace._catalogue.run_paths(run_id)
        spec = read_record(paths.run_json, RunSpec) if paths else None
        if paths is None or spec is None:
            raise UserErrorException(f"There is no run {run_id} in workspace {experiment.workspace.name!r}.")
        super().__init__(str(paths.root))
        self._experiment = experiment
        self._spec = spec
        self.paths = paths
        self._status = "NotStarted"
        self._tended = 0.0
        self._lock: Lock | None = None

    # what it is

    @property
    def id(self) -> str:
        """The run's id."""
        return self._spec.run_id

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
    def parent(self) -> Run | None:
        """The run that this one is a child of."""
        return Run.get(self.experiment.workspace, self._spec.parent) if self._spec.parent else None

    # how it is

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
        state = self._state()
        return {"status": self.get_status(), "details": state["reason"] or state["note"]}

    def get_details(self) -> dict[str, Any]:
        """Return what is known about the run, under v1's keys; times are ISO 8601, and absent until they are known."""
        status = self.get_status()
        state, spec = self._state(), self._spec
        details: dict[str, Any] = {"runId": self.id, "target": spec.target, "status": status}
        for key, seconds in (("startTimeUtc", state["started"]), ("endTimeUtc", state["ended"])):
            if seconds is not None:
                details[key] = iso(seconds)
        if status == "Failed":
            details["error"] = {"error": {"code": "UserError", "message": state["reason"] or "It failed."}}
        details |= {
            "services": {},
            "properties": state["properties"],
            "inputDatasets": [],
            "outputDatasets": [],
            "runDefinition": spec.run_definition,
            "logFiles": {name: (self.paths.root / name).as_uri() for name in self._log_names()},
            "submittedBy": spec.submitted_by,
        }
        return details

    def get_details_with_logs(self) -> dict[str, Any]:
        """Return :meth:`get_details` with the logs' texts in place of their addresses."""
        details = self.get_details()
        details["logFiles"] = {
            name: (self.paths.root / name).read_text(encoding="utf-8", errors="replace") for name in details["logFiles"]
        }
        return details

    def get_environment(self) -> Environment:
        """Return the environment that the run was submitted with."""
        from .environment import Environment  # noqa: PLC0415 - seldom asked for

        return Environment._from_dict(self._spec.environment or {"name": "default-environment"})

    def get_portal_url(self) -> str:
        """Return where the run's files are."""
        return self.paths.root.as_uri()

    # its end

    def cancel(self) -> None:
        """Ask for the end of the run; return at once."""
        if self._lock is not None:
            self._end("Canceled")
        else:
            request_cancel(self.paths)

    def complete(self, _set_status: bool = True) -> None:
        """Mark a run of the notebook itself as completed; its ``./outputs`` are kept with it."""
        if _set_status:
            self._end("Completed")

    def fail(self, error_details: Any = None, error_code: Any = None, _set_status: bool = True) -> None:
        """Mark a run of the notebook itself as failed.

        Parameters
        ----------
        error_details
            Text, or an exception.
        error_code
            Kept with it.
        """
        if _set_status:
            reason = (
                "".join(traceback.format_exception_only(error_details)).strip()
                if isinstance(error_details, BaseException)
                else error_details
            )
            self._end("Failed", reason=str(reason or error_code or "It was marked as failed."))

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> dict[str, Any]:
        """Wait for the end of the run; return :meth:`get_details`.

        Parameters
        ----------
        show_output
            Print the logs as they grow, in v1's form.
        wait_post_processing
            Accepted as in v1: the end is always waited for, as it follows at once.
        raise_on_error
            Raise when the run has failed. A canceled run never raises.

        Raises
        ------
        ActivityFailedException
            The run has failed.
        ExperimentExecutionException
            The wait was interrupted; the run goes on.
        """
        from .waiting import wait  # noqa: PLC0415 - waiting needs runs

        del wait_post_processing
        return wait(self, show_output=show_output, raise_on_error=raise_on_error)

    # its files

    def register_model(
        self,
        model_name: str,
        model_path: str | None = None,
        tags: dict[str, str] | None = None,
        properties: dict[str, str] | None = None,
        model_framework: str | None = None,
        model_framework_version: str | None = None,
        description: str | None = None,
        datasets: Any = None,
        sample_input_dataset: Any = None,
        sample_output_dataset: Any = None,
        resource_configuration: Any = None,
        **kwargs: Any,
    ) -> Model:
        """Register files of the run as a version of a model.

        Parameters
        ----------
        model_name
            The model.
        model_path
            A file or folder among the run's files, such as ``outputs/model.pt``; the model's name where it is None.

        Raises
        ------
        ModelPathNotFoundException
            The run has no such file.
        """
        from .model import register_from_run  # noqa: PLC0415 - models know runs

        del datasets, sample_input_dataset, sample_output_dataset, resource_configuration, kwargs
        return register_from_run(
            self,
            model_name,
            model_path or model_name,
            tags=tags,
            properties=properties,
            framework=model_framework,
            framework_version=model_framework_version,
            description=description,
        )

    def get_snapshot_id(self) -> str | None:
        """Return the id of the snapshot of the source folder."""
        return self._spec.snapshot_id

    # its children

    def get_children(
        self,
        recursive: bool = False,
        tags: Any = None,
        properties: Any = None,
        type: str | None = None,  # noqa: A002 - v1's name
        status: str | None = None,
    ) -> Iterator[Run]:
        """Yield the child runs, newest first, as they are asked for."""
        catalogue = self.experiment.workspace._catalogue
        for folder in child_dirs(str(self.paths.root)):  # those that the script itself has made
            if catalogue.find_run(Path(folder).name) is None:
                catalogue.index(RunPaths(Path(folder)))
        for row in catalogue.runs(parent=self.id):
            child = Run.get(self.experiment.workspace, row["run_id"])
            if _fits(child, tags, properties, type, status):
                yield child
            if recursive:
                yield from child.get_children(True, tags, properties, type, status)

    def child_run(self, name: str | None = None, run_id: str | None = None, outputs: Any = None) -> Run:
        """Start a child of this run, of the notebook itself as this one is."""
        del outputs
        from .interactive import begin  # noqa: PLC0415 - it makes runs

        return begin(self.experiment, name or f"{self.display_name}>child", run_id, parent=self)

    @staticmethod
    def start_interactive(
        experiment: Experiment,
        name: str | None = None,
        run_id: str | None = None,
        outputs: Any = None,
        snapshot_directory: str | None = ".",
        **kwargs: Any,
    ) -> Run:
        """Start a run of this notebook itself; what ``Experiment.start_logging`` returns.

        Parameters
        ----------
        name
            The display name.
        outputs
            False: ``./outputs`` is not kept with the run. Otherwise it is made, and kept when the run completes (v1).
        snapshot_directory
            The folder whose snapshot is taken; None for none.
        """
        from .interactive import start  # noqa: PLC0415 - it makes runs

        del kwargs
        return start(experiment, name, run_id, outputs, snapshot_directory)

    @staticmethod
    def list(
        experiment: Experiment,
        type: str | None = None,  # noqa: A002 - v1's name
        tags: Any = None,
        properties: Any = None,
        status: str | None = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """Yield the runs of an experiment, newest first, as they are asked for."""
        for row in experiment.workspace._catalogue.runs(experiment=experiment.name, children=include_children):
            run = _of_row(experiment, row["run_id"], row["type"])
            if run is not None and _fits(run, tags, properties, type, status):
                yield run

    @staticmethod
    def get(workspace: Workspace, run_id: str) -> Run:
        """Return a run of the workspace by its id, as the class that its type has.

        Raises
        ------
        UserErrorException
            The workspace has no such run.
        """
        from .experiment import Experiment  # noqa: PLC0415 - experiments know runs

        row = workspace._catalogue.find_run(run_id)
        run = _of_row(Experiment(workspace, row["experiment"]), run_id, row["type"]) if row else None
        if run is None:
            raise UserErrorException(f"There is no run {run_id} in workspace {workspace.name!r}.")
        return run

    @staticmethod
    def get_context(allow_offline: bool = True, used_for_context_manager: bool = False, **kwargs: Any) -> Any:
        """Return the run that this code is in; outside one, an offline run that prints what it is told (v1)."""
        from jupyter_ext.runtime.inside.jupyter_aml_run.run import Run as RunInside  # noqa: PLC0415 - scripts only

        return RunInside.get_context(allow_offline, used_for_context_manager, **kwargs)

    @classmethod
    def add_type_provider(cls, runtype: str, run_factory: Callable[..., Run]) -> None:
        """Let runs of a type be made by ``run_factory(experiment, run_id)``."""
        cls._providers[runtype] = run_factory

    # how it looks

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None or (isinstance(error, SystemExit) and not error.code):
            self.complete()
        else:
            self.fail(error)

    def __repr__(self) -> str:
        return (
            f"Run(Experiment: {self.experiment.name},\nId: {self.id},\nType: {self.type},\nStatus: {self.get_status()})"
        )

    def _repr_html_(self) -> str:
        cells = {
            "Experiment": self.experiment.name,
            "Id": self.id,
            "Type": self.type or "",
            "Status": self.get_status(),
            "Files": str(self.paths.root),
        }
        head = "".join(f"<th>{html.escape(name)}</th>" for name in cells)
        body = "".join(f"<td>{html.escape(value)}</td>" for value in cells.values())
        return f"<table><tr>{head}</tr><tr>{body}</tr></table>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.paths == self.paths

    def __hash__(self) -> int:
        return hash(self.paths)

    _outputs_since: float | None = None

    @cached_property
    def _metric_file(self) -> Any:
        from jupyter_ext.store.metric_file import MetricFile  # noqa: PLC0415 - a run that is not read needs no reader

        return MetricFile(self.paths.metrics)

    def _values(self, run_dir: str, name: str | None) -> dict[str, Any]:
        if run_dir != str(self.paths.root):
            return super()._values(run_dir, name)
        self._metric_file.refresh()
        values: dict[str, Any] = self._metric_file.values(self.id)
        return values if name is None else {key: value for key, value in values.items() if key == name}

    def _see_to_it(self) -> None:
        now = time.monotonic()
        if self._lock is None and now - self._tended > _TEND_SECONDS:
            self._tended = now
            tend(self.paths, self.experiment.workspace._catalogue)

    def _end(self, status: str, reason: str | None = None) -> None:
        if self._outputs_since is not None:
            from .interactive import keep_outputs  # noqa: PLC0415 - it makes runs

            keep_outputs(self, self._outputs_since)
        append_event(str(self.paths.root), status=status, **({"reason": reason} if reason else {}))
        self.experiment.workspace._catalogue.set_status(self.id, str(self._state()["status"]))
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _of_row(experiment: Experiment, run_id: str, kind: str) -> Run | None:
    from .script_run import ScriptRun  # noqa: PLC0415 - a script run is a run

    factory = {**Run._providers, "azureml.scriptrun": ScriptRun}.get(kind, Run)
    try:
        return factory(experiment, run_id)
    except UserErrorException:
        return None  # its directory was deleted by hand


def _fits(run: Run, tags: Any, properties: Any, kind: str | None, status: str | None) -> bool:
    if kind is not None and run.type != kind:
        return False
    if status is not None and run.get_status() != status:
        return False
    return _has(run.tags, tags) and _has(run.properties, properties) if tags or properties else True


def _has(have: dict[str, Any], wanted: Any) -> bool:
    if not wanted:
        return True
    if isinstance(wanted, dict):
        return all(name in have and have[name] == value for name, value in wanted.items())
    return all(name in have for name in ([wanted] if isinstance(wanted, str) else wanted))
