"""A run of a submitted script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .run import Run

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.experiment import Experiment
    from jupyter_ext.store.paths import RunPaths


class ScriptRun(Run):
    """A run of a submitted script; what ``Experiment.submit`` returns for a ScriptRunConfig.

    Parameters
    ----------
    experiment, run_id
        Which run.
    directory
        Accepted as in v1: the run knows its folder.
    """

    def __init__(
        self,
        experiment: Experiment,
        run_id: str,
        directory: str | None = None,
        _paths: RunPaths | None = None,
        **kwargs: Any,
    ) -> None:
        del directory
        super().__init__(experiment, run_id, _paths=_paths, **kwargs)
