"""From a prepared environment and a snapshot to ranks that run."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.engines.container import RUN_DIR, RUNTIME_DIR, ContainerNode
from jupyter_ext.engines.process import RUNTIME, ProcessNode
from jupyter_ext.runtime.inside.jupyter_aml_run.mlflow_plugin.places import experiment_id, uri_of
from jupyter_ext.runtime.inside.jupyter_aml_run.records import read_records
from jupyter_ext.store import snapshot
from jupyter_ext.store.locks import is_locked
from jupyter_ext.store.paths import WorkspacePaths
from jupyter_ext.store.records import LaunchSpec, encode, replace

from .data import fill_in, make_links, prepared_data
from .identity import identity

if TYPE_CHECKING:
    from jupyter_ext.build import Built
    from jupyter_ext.store.data_records import PreparedData
    from jupyter_ext.store.handed import Handed
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec

NODE = 0
_MLFLOW_URI = "MLFLOW_TRACKING_URI"
Node = ProcessNode | ContainerNode


def has_started(paths: RunPaths) -> bool:
    """Tell whether a launcher of the run has been at work."""
    return is_locked(paths.launch_lock(NODE)) or any(read_records(str(paths.launch_events(NODE))))


def node_of(paths: RunPaths, spec: RunSpec) -> Node:
    """Return the run's node, as an earlier runner has started it."""
    return ContainerNode(paths, NODE) if spec.container else ProcessNode(paths, NODE)


def lay_out(paths: RunPaths, spec: RunSpec) -> None:
    """Lay the snapshot out as the ranks' working directory, with its ``outputs`` and ``logs``."""
    if paths.work.exists():  # half laid out by a runner that was killed
        shutil.rmtree(paths.work)
    if spec.snapshot_id:
        snapshot.lay_out(WorkspacePaths(paths.root.parent.parent), spec.snapshot_id, paths.work)
    for link in (paths.outputs, paths.logs):
        (paths.work / link.name).mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(Path("work") / link.name)


def start(paths: RunPaths, spec: RunSpec, built: Built | None, handed: Handed) -> Node:
    """Start the launcher of the run's node; return the node."""
    python = _python(spec, built)
    prepared = prepared_data(paths)
    make_links(paths, prepared)
    replace(paths.launch_spec(NODE), encode(_launch_spec(paths, spec, built, prepared)))
    if spec.container:
        node = ContainerNode(paths, NODE)
        image = (built and built.image) or ""
        node.start(image, python, handed.hidden, spec.shm_size, spec.docker_arguments, prepared.volumes)
        return node
    process = ProcessNode(paths, NODE)
    process.start({**handed.environment, **handed.hidden})
    return process


def _python(spec: RunSpec, built: Built | None) -> str:
    if built is not None and built.python:
        return str(built.python)
    return spec.interpreter or "python"


def _launch_spec(paths: RunPaths, spec: RunSpec, built: Built | None, prepared: PreparedData) -> LaunchSpec:
    python = _python(spec, built)
    activated = built.variables if built else {}
    ranks = spec.processes_per_node
    seen = RUN_DIR if spec.container else str(paths.root)
    variables = identity(spec, WorkspacePaths(paths.root.parent.parent), seen)
    inside = f"{RUNTIME_DIR}/inside" if spec.container else str(RUNTIME / "inside")
    path = {"PYTHONPATH": [inside]}
    tracking = {} if _MLFLOW_URI in spec.environment_variables else _tracking(paths, spec)
    if "/" in python:
        path["PATH"] = [str(Path(python).parent)]
    return LaunchSpec(
        version=1,
        node=NODE,
        argv=None
        if spec.command
        else [python, *_program(spec), *(fill_in(str(argument), prepared) for argument in spec.arguments)],
        shell=spec.command and fill_in(spec.command, prepared, quote=shlex.quote),
        env={**tracking, **activated, **spec.environment_variables, **prepared.environment, **variables},
        path=path,
        ranks=[
            {"rank": rank, "env": {"AML_RANK": str(rank)}, "log": paths.rank_log(rank, ranks)} for rank in range(ranks)
        ],
        max_seconds=spec.max_run_duration_seconds,
    )


def _program(spec: RunSpec) -> list[str]:
    """Return the script, after the program that runs it where it is a notebook."""
    script = spec.script or ""
    if not script.endswith(".ipynb"):
        return [script]
    return [f"{RUNTIME_DIR if spec.container else RUNTIME}/run_notebook.py", script]


def _tracking(paths: RunPaths, spec: RunSpec) -> dict[str, str]:
    """Return the variables by which ``mlflow.start_run()`` takes the run; a container sees its own run alone."""
    return {
        _MLFLOW_URI: uri_of(RUN_DIR if spec.container else str(paths.root.parent.parent)),
        "MLFLOW_RUN_ID": spec.run_id,
        "MLFLOW_EXPERIMENT_NAME": spec.experiment,
        "MLFLOW_EXPERIMENT_ID": experiment_id(spec.experiment),
    }
