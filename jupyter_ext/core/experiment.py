"""An experiment: a name under which runs stand together."""

from __future__ import annotations

import re
import time
import uuid
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.records import ExperimentRecord, encode, read_record, write_once

from .script_run_config import ScriptRunConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .run import Run
    from .workspace import Workspace

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
        file = self.workspace._paths.experiments / f"{self.name}.json"
        record = read_record(file, ExperimentRecord)
        if record is None:
            write_once(file, encode(ExperimentRecord(name=self.name, id=str(uuid.uuid4()), created=time.time())))
            record = read_record(file, ExperimentRecord)
        assert record is not None  # noqa: S101 - it was written just now, by us or by another
        return record

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

    def submit(self, config: Any, tags: dict[str, str] | None = None, **kwargs: Any) -> Run:
        """Submit a run; return it at once.

        Parameters
        ----------
        config
            A :class:`ScriptRunConfig`.
        tags
            Tags of the run.
        run_id
            An id of your own, as a keyword.

        Raises
        ------
        UserErrorException, ExperimentExecutionException, ComputeTargetException, EngineNotAnswering
            What is asked cannot be. Nothing has been created.
        """
        from .script_run import ScriptRun  # noqa: PLC0415 - runs need experiments
        from .submit import submit  # noqa: PLC0415 - 40 ms that a notebook spends when it submits

        if not isinstance(config, ScriptRunConfig):
            raise UserErrorException(f"submit takes a ScriptRunConfig, not a {type(config).__name__}.")
        paths = submit(self, config, tags, kwargs.get("run_id"))
        self._create()
        return ScriptRun(self, paths.run_id)

    def start_logging(self, *args: Any, **kwargs: Any) -> Run:
        """Start a run of this notebook itself, to log to; see :meth:`Run.start_interactive`."""
        from .run import Run  # noqa: PLC0415 - runs need experiments

        return Run.start_interactive(self, *args, **kwargs)

    def get_runs(
        self,
        type: str | None = None,  # noqa: A002 - v1's name
        tags: Any = None,
        properties: Any = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """Yield the experiment's runs, newest first, as they are asked for."""
        from .run import Run  # noqa: PLC0415 - runs need experiments

        return Run.list(self, type=type, tags=tags, properties=properties, include_children=include_children)

    @staticmethod
    def list(
        workspace: Workspace,
        experiment_name: str | None = None,
        view_type: str = "ActiveOnly",
        tags: Any = None,
    ) -> list[Experiment]:
        """Return the experiments of a workspace, by name."""
        del view_type, tags
        folder = workspace._paths.experiments
        names = sorted(file.stem for file in folder.glob("*.json")) if folder.is_dir() else []
        return [Experiment(workspace, name) for name in names if experiment_name in (None, name)]

    def get_portal_url(self) -> str:
        """Return where the experiment's runs lie."""
        return self._workspace._paths.runs.as_uri()

    def __repr__(self) -> str:
        return f"Experiment(Name: {self.name},\nWorkspace: {self.workspace.name})"
