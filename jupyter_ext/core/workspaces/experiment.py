"""An experiment: a name under which runs stand together."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.core.tables import html_table
from jupyter_ext.core.times import iso
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.filters import fits
from jupyter_ext.store.beginning import find_or_make_experiment
from jupyter_ext.store.locks import locked
from jupyter_ext.store.records import ExperimentRecord, encode, replace

from .config import experiment_of, find_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jupyter_ext.core.runs.run import Run

    from .workspace import Workspace

_VIEWS = ("ActiveOnly", "ArchivedOnly", "All")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,254}\Z")


class Experiment:
    """An experiment of a workspace; it is made where it is not there (v1).

    Parameters
    ----------
    workspace
        The workspace.
    name
        1 to 255 letters, digits, ``-`` and ``_``, a letter or digit first.

    Raises
    ------
    UserErrorException
        The name is not legal.
    """

    def __init__(self, workspace: Workspace, name: str, _create: bool = True, **kwargs: Any) -> None:
        del kwargs
        if not isinstance(name, str) or not _NAME.match(name):
            raise UserErrorException(
                f"{name!r} cannot be an experiment's name: use 1 to 255 letters, digits, '-' and '_', "
                "a letter or digit first."
            )
        self._workspace = workspace
        self._name = name
        if _create:
            self._create()

    def _create(self) -> ExperimentRecord:
        """Return what is written down of the experiment; write it where it is not there."""
        return find_or_make_experiment(self.workspace._paths, self.name)

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return self._workspace

    @property
    def workspace_object(self) -> Workspace:
        """The workspace, under v1's older name."""
        return self._workspace

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self._name

    @property
    def id(self) -> str:
        """The experiment's id."""
        return self._create().id

    @property
    def tags(self) -> dict[str, str | None]:
        """The tags."""
        return dict(self._create().tags)

    @property
    def archived_time(self) -> str | None:
        """When it was archived, ISO 8601; None where it is not."""
        archived = self._create().archived
        return None if archived is None else iso(archived)

    @property
    def portal_url(self) -> str:
        """Where the workspace's experiments lie."""
        return self._workspace._paths.experiments.as_uri()

    def tag(self, key: str, value: str | None = None) -> None:
        """Set one tag."""
        self.set_tags({key: value})

    def set_tags(self, tags: dict[str, str | None]) -> None:
        """Set tags; the others stay."""
        texts = {str(key): None if value is None else str(value) for key, value in tags.items()}
        self._change(lambda record: {"tags": {**record.tags, **texts}})

    def remove_tags(self, tags: list[str]) -> None:
        """Remove tags by their names; one that is not there is no error."""
        self._change(lambda record: {"tags": {key: one for key, one in record.tags.items() if key not in tags}})

    def archive(self) -> None:
        """Keep the experiment out of lists; its runs stay."""
        self._change(lambda record: {"archived": record.archived or time.time()})

    def reactivate(self, new_name: str | None = None) -> None:
        """Undo :meth:`archive`.

        Raises
        ------
        UserErrorException
            A new name is given: the runs of an experiment bear its name.
        """
        if new_name not in (None, self.name):
            raise UserErrorException("An experiment keeps its name, as its runs bear it: reactivate() it as it was.")
        self._change(lambda _: {"archived": None})

    def refresh(self) -> None:
        """Do nothing: what is asked of an experiment is read when it is asked."""

    def _change(self, change: Callable[[ExperimentRecord], dict[str, Any]]) -> None:
        with locked(self._file.with_suffix(".lock")):
            record = self._create()
            replace(self._file, encode(msgspec.structs.replace(record, **change(record))))

    @property
    def _file(self) -> Path:
        return self.workspace._paths.experiments / f"{self.name}.json"

    def submit(self, config: Any, tags: dict[str, str] | None = None, **kwargs: Any) -> Run:
        """Submit a run; return it at once.

        Parameters
        ----------
        config
            A :class:`ScriptRunConfig`, an estimator or a HyperDriveConfig.
        tags
            Tags of the run.
        **kwargs
            Of a ScriptRunConfig: ``run_id``, an id of your own; ``show_output``, to wait for the end and print the
            logs. Of an estimator: ``script_params`` and the like, for this run only.

        Raises
        ------
        UserErrorException, ExperimentExecutionException, ComputeTargetException, EngineNotAnswering
            What is asked cannot be. Nothing has been created.
        """
        return self._submit(config, tags, None, kwargs)

    def _submit(self, config: Any, tags: dict[str, str] | None, parent: str | None, given: dict[str, Any]) -> Run:
        """Submit what knows how to submit itself: a ScriptRunConfig, an estimator, a HyperDriveConfig."""
        submit_to = getattr(config, "_submit_to", None)
        if submit_to is None:
            raise UserErrorException(
                f"submit takes a ScriptRunConfig, an estimator or a HyperDriveConfig, not a {type(config).__name__}."
            )
        run: Run = submit_to(self, tags=tags, parent=parent, **given)
        return run

    def start_logging(self, *args: Any, **kwargs: Any) -> Run:
        """Start a run of this notebook itself, to log to; see :meth:`Run.start_interactive`."""
        from jupyter_ext.core.runs.run import Run  # noqa: PLC0415 - runs need experiments

        return Run.start_interactive(self, *args, **kwargs)

    def get_runs(
        self,
        type: str | None = None,  # noqa: A002 - v1's name
        tags: Any = None,
        properties: Any = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """Yield the experiment's runs, newest first, as they are asked for."""
        from jupyter_ext.core.runs.run import Run  # noqa: PLC0415 - runs need experiments

        return Run.list(self, type=type, tags=tags, properties=properties, include_children=include_children)

    @staticmethod
    def list(
        workspace: Workspace,
        experiment_name: str | None = None,
        view_type: str = "ActiveOnly",
        tags: Any = None,
    ) -> list[Experiment]:
        """Return the experiments of a workspace, by name.

        Parameters
        ----------
        experiment_name
            Only the one of this name.
        view_type
            ``ActiveOnly``, ``ArchivedOnly`` or ``All``.
        tags
            Only those that have these: a name, or a dictionary of names and values.

        Raises
        ------
        UserErrorException
            The view type is none of these.
        """
        if view_type not in _VIEWS:
            raise UserErrorException(f"view_type is {', '.join(_VIEWS[:-1])} or {_VIEWS[-1]}, not {view_type!r}.")
        folder = workspace._paths.experiments
        names = sorted(file.stem for file in folder.glob("*.json")) if folder.is_dir() else []
        found = [Experiment(workspace, name) for name in names if experiment_name in (None, name)]
        return [one for one in found if one._is_in(view_type) and fits(one.tags, tags)]

    def _is_in(self, view_type: str) -> bool:
        return view_type == "All" or (self.archived_time is None) == (view_type == "ActiveOnly")

    @staticmethod
    def from_directory(path: str, auth: Any = None) -> Experiment:
        """Return the experiment that the configuration file of a folder names.

        Raises
        ------
        UserErrorException
            There is no such file, or it names no experiment.
        """
        from .workspace import Workspace  # noqa: PLC0415 - workspaces know experiments

        del auth
        file = find_config(path)
        name = experiment_of(file) if file is not None else None
        if name is None:
            raise UserErrorException(f"No configuration file at {path} names an experiment: use Experiment(ws, name).")
        return Experiment(Workspace.from_config(str(file)), name)

    @staticmethod
    def delete(workspace: Workspace, experiment_id: str) -> None:
        """Delete an experiment that has no runs.

        Raises
        ------
        UserErrorException
            There is none of this id, or it has runs.
        """
        one = next((one for one in Experiment.list(workspace, view_type="All") if one.id == experiment_id), None)
        if one is None:
            raise UserErrorException(f"Workspace {workspace.name!r} has no experiment with the id {experiment_id!r}.")
        if next(one.get_runs(include_children=True), None) is not None:
            raise UserErrorException(f"Experiment {one.name!r} has runs, which would lose their place: archive() it.")
        one._file.unlink(missing_ok=True)

    @staticmethod
    def get_docs_url() -> str:
        """Return where the class that this one follows is described."""
        return "https://learn.microsoft.com/python/api/azureml-core/azureml.core.experiment.experiment"

    def get_portal_url(self) -> str:
        """Return where the experiment's runs lie."""
        return self._workspace._paths.runs.as_uri()

    def __repr__(self) -> str:
        return f"Experiment(Name: {self.name},\nWorkspace: {self.workspace.name})"

    def _repr_html_(self) -> str:
        row = {"Name": self.name, "Workspace": self.workspace.name, "Files": str(self._workspace._paths.runs)}
        return html_table([row])
