"""A run, seen from the notebook."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.core.notices import notice
from jupyter_ext.core.tables import html_table
from jupyter_ext.core.times import iso
from jupyter_ext.runtime.inside.jupyter_aml_run.data_details import input_details, output_details
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.records import TERMINAL

from . import listing as run_list
from .children import RunChildren
from .files import RunFiles
from .life import RunLife
from .snapshots import RunSnapshots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_ext.core.environments.environment import Environment
    from jupyter_ext.core.models.model import Model
    from jupyter_ext.core.workspaces.experiment import Experiment
    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.store.paths import RunPaths

_DOCS = "https://learn.microsoft.com/python/api/azureml-core/azureml.core.run.run"


class Run(RunLife, RunChildren, RunFiles, RunSnapshots):
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
        if paths is None:
            raise UserErrorException(f"There is no run {run_id} in workspace {experiment.workspace.name!r}.")
        super().__init__(experiment, paths)

    # what is known about it

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
            "inputDatasets": input_details(msgspec.to_builtins(spec.inputs)),
            "outputDatasets": output_details(msgspec.to_builtins(spec.outputs), str(self.paths.root)),
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

    def node_samples(self) -> Any:
        """Return what the run's nodes were doing, once a second, as a pandas table.

        Returns
        -------
        pandas.DataFrame
            A row for each GPU of each node at each time, and one for a node without any: ``time`` (UTC), ``node``,
            ``host``, ``cpus``, ``cpu_percent`` of all of them, ``mem_bytes`` of ``mem_total_bytes``; of the card its
            number ``gpu``, ``gpu_name``, ``gpu_util_percent``, ``gpu_mem_bytes`` of ``gpu_mem_total_bytes``,
            ``gpu_temp_celsius``, ``gpu_power_watts``, ``gpu_clock_mhz``, and ``gpu_processes``, the run's own on it
            (pid, name, rank, and mem in bytes), which every fifth sample lists. What a card does not tell is missing.

        Raises
        ------
        UserErrorException
            pandas is not installed.
        """
        from .node_samples import node_samples  # noqa: PLC0415 - seldom asked for

        return node_samples(self.paths)

    def get_environment(self) -> Environment:
        """Return the environment that the run was submitted with."""
        from jupyter_ext.core.environments.environment import Environment  # noqa: PLC0415 - seldom asked for

        asked = (self._spec.run_definition or {}).get("environment")  # has the interpreter where none was asked for
        return Environment._from_dict(self._spec.environment or asked or {"name": "default-environment"})

    def get_secret(self, name: str) -> str | None:
        """Return a secret of the workspace's key vault; None where it has none of this name."""
        return self.experiment.workspace.get_default_keyvault().get_secret(name)

    def get_secrets(self, secrets: list[str]) -> dict[str, str | None]:
        """Return several secrets by their names."""
        return self.experiment.workspace.get_default_keyvault().get_secrets(secrets)

    def get_portal_url(self) -> str:
        """Return where the run's files are."""
        return self.paths.root.as_uri()

    @property
    def portal_url(self) -> str:
        """Where the workspace's runs are."""
        return self.paths.root.parent.as_uri()

    @classmethod
    def get_docs_url(cls) -> str:
        """Return where the class that this one follows is described."""
        return _DOCS

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
            A file or folder among the run's files, such as ``outputs/model.pt``. None: one that is named like the
            model, there or in ``outputs``, else all of ``outputs``; a run that goes on is waited for.
        datasets
            Pairs of what a dataset was used for, and the dataset; the run's inputs where none are given.
        sample_input_dataset, sample_output_dataset
            Kept with the model.
        resource_configuration
            Accepted as in v1: models are not deployed here.

        Raises
        ------
        ModelPathNotFoundException
            The run has no such file.
        """
        from jupyter_ext.core.models.model import register_from_run  # noqa: PLC0415 - models know runs

        del resource_configuration, kwargs
        samples = [("sample_input", sample_input_dataset), ("sample_output", sample_output_dataset)]
        return register_from_run(
            self,
            model_name,
            model_path or self._path_of_model(model_name),
            datasets=[*(datasets or []), *(sample for sample in samples if sample[1] is not None)],
            tags=tags,
            properties=properties,
            framework=model_framework,
            framework_version=model_framework_version,
            description=description,
        )

    def _path_of_model(self, model_name: str) -> str:
        """Return what a model is made of where no path is named."""
        places = (model_name, f"outputs/{model_name}", "outputs")
        for place in places[:2]:
            if self._has(place):
                return place
        if self.get_status() not in TERMINAL and self._lock is None:
            notice(f"Run {self.id} goes on: it is waited for, as no model_path is named.")
            self.wait_for_completion(raise_on_error=False)
        return next((place for place in places if self._has(place)), model_name)

    def _has(self, place: str) -> bool:
        return any(name == place or name.startswith(f"{place}/") for name in self.get_file_names())

    # runs that there are

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
            The display name; ``display_name`` says the same.
        outputs
            False: ``./outputs`` is not kept with the run. Otherwise it is made, and kept when the run completes (v1).
        snapshot_directory
            The folder whose snapshot is taken; None for none.
        """
        from .interactive import start  # noqa: PLC0415 - it makes runs

        return start(experiment, name or kwargs.get("display_name"), run_id, outputs, snapshot_directory)

    @staticmethod
    def list(
        experiment: Experiment,
        type: str | None = None,  # noqa: A002 - v1's name
        tags: Any = None,
        properties: Any = None,
        status: str | None = None,
        include_children: bool = False,
        _rehydrate_runs: bool = True,
    ) -> Iterator[Run]:
        """Yield the runs of an experiment, newest first, as they are asked for.

        Parameters
        ----------
        type, status
            Only runs of this type or state.
        tags, properties
            Only runs that have these: a name, or a dictionary of names and values.
        include_children
            The children of runs too.
        """
        rows = experiment.workspace._catalogue.runs(experiment=experiment.name, children=include_children)
        return run_list.fitting(experiment, rows, tags, properties, type, status)

    @staticmethod
    def list_by_compute(
        compute: Any,
        type: str | None = None,  # noqa: A002 - v1's name
        tags: Any = None,
        properties: Any = None,
        status: str | None = None,
    ) -> Iterator[Run]:
        """Yield the runs of a compute target, newest first, as they are asked for."""
        from jupyter_ext.core.workspaces.experiment import Experiment  # noqa: PLC0415 - experiments know runs

        workspace = compute.workspace
        for row in workspace._catalogue.runs(target=compute.name, children=True):
            experiment = Experiment(workspace, row["experiment"], _create=False)
            yield from run_list.fitting(experiment, [row], tags, properties, type, status)

    @staticmethod
    def get(workspace: Workspace, run_id: str) -> Run:
        """Return a run of the workspace by its id, as the class that its type has.

        Raises
        ------
        UserErrorException
            The workspace has no such run.
        """
        return run_list.find(workspace, run_id)

    @staticmethod
    def get_context(allow_offline: bool = True, used_for_context_manager: bool = False, **kwargs: Any) -> Any:
        """Return the run that this code is in; outside one, an offline run that prints what it is told (v1)."""
        from jupyter_ext.runtime.inside.jupyter_aml_run.run import Run as RunInside  # noqa: PLC0415 - scripts only

        return RunInside.get_context(allow_offline, used_for_context_manager, **kwargs)

    @staticmethod
    def get_submitted_run(**kwargs: Any) -> Any:
        """Return what :meth:`get_context` returns, which v1 replaced it by."""
        return Run.get_context(**kwargs)

    @classmethod
    def add_type_provider(cls, runtype: str, run_factory: Callable[..., Run]) -> None:
        """Let runs of a type be made by ``run_factory(experiment, run_id)``."""
        run_list.providers[runtype] = run_factory

    # how it looks

    def __repr__(self) -> str:
        return (
            f"Run(Experiment: {self.experiment.name},\nId: {self.id},\nType: {self.type},\nStatus: {self.get_status()})"
        )

    def _repr_html_(self) -> str:
        return html_table([self._row()])

    def _row(self) -> dict[str, str]:
        return {
            "Experiment": self.experiment.name,
            "Id": self.id,
            "Type": self.type or "",
            "Status": self.get_status(),
            "Files": str(self.paths.root),
        }

    @cached_property
    def _metric_file(self) -> Any:
        from jupyter_ext.store.live.metric_file import MetricFile  # noqa: PLC0415 - a run that is not read needs no reader

        return MetricFile(self.paths.metrics)

    def _values(self, run_dir: str, name: str | None) -> dict[str, Any]:
        if run_dir != str(self.paths.root):
            return super()._values(run_dir, name)
        self._metric_file.refresh()
        values: dict[str, Any] = self._metric_file.values(self.id)
        return values if name is None else {key: value for key, value in values.items() if key == name}


def get_run(experiment: Experiment, run_id: str, rehydrate: bool = True, clean_up: bool = True) -> Run:
    """Return a run by its id, as the class that its type has (v1's older form of :meth:`Run.get`)."""
    del rehydrate, clean_up
    return Run.get(experiment.workspace, run_id)
