"""MLflow's tracking store in the notebook: new runs are runs of the notebook itself, and points are read faster."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException

from jupyter_ext.core.runs.interactive import begin
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.mlflow_plugin.store import Store
from jupyter_ext.store.live.growth import Growth
from jupyter_ext.store.paths import home

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Point(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A plain number under one name; any other line is left to the reader that knows them all."""

    n: str
    v: float
    t: float
    s: int | None = None
    r: int = 0


class WorkspaceStore(Store):
    """The runs of a workspace of this machine.

    Parameters
    ----------
    store_uri
        What ``Workspace.get_mlflow_tracking_uri()`` gives.
    artifact_uri
        Not used: a run keeps its files itself.
    """

    def __init__(self, store_uri: str, artifact_uri: str | None = None) -> None:
        super().__init__(store_uri, artifact_uri)
        self._own: dict[str, Run] = {}  # runs of this process: each is locked for as long as it goes on

    def _begin(self, experiment: str, parent_dir: str | None, name: str | None) -> str:
        root = Path(self._place.root)
        if self._place.is_run or (parent_dir is not None and (Path(parent_dir) / "launch").is_dir()):
            return super()._begin(experiment, parent_dir, name)
        if root.parent != home():
            raise MlflowException(f"A run is made in the home of workspaces, {home()}: set AML_HOME={root.parent}.")
        workspace = Workspace.get(root.name)
        parent = Run.get(workspace, Path(parent_dir).name) if parent_dir else None
        run = begin(parent.experiment if parent else Experiment(workspace, experiment), name, None, parent)
        self._own[str(run.paths.root)] = run
        return str(run.paths.root)

    def _end(self, run_dir: str, status: str, end_time: int | None) -> None:
        run = self._own.pop(run_dir, None)
        if run is None:
            super()._end(run_dir, status, end_time)
        else:
            run._end(status)

    def _history(self, run_dir: str, name: str) -> list[Metric]:
        with _collector_at_rest():
            points = self._plain_points(run_dir, name)
            return super()._history(run_dir, name) if points is None else points

    def _plain_points(self, run_dir: str, name: str) -> list[Metric] | None:
        decoder = msgspec.json.Decoder(_Point)
        found: list[Metric] = []
        try:
            for piece in Growth(Path(run_dir) / "metrics.jsonl").pieces():
                points = [point for point in decoder.decode_lines(piece) if point.n == name]
                found += [
                    Metric(name, point.v, int(point.t * 1000 + 0.5), number if point.s is None else point.s)
                    for number, point in enumerate(points, len(found))
                ]
        except msgspec.DecodeError:
            return None
        return found


@contextmanager
def _collector_at_rest() -> Iterator[Any]:
    """Keep the collector from looking through a million new objects again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
