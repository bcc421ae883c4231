"""From a prepared environment and a snapshot to ranks that run."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.engines.container import RUN_DIR, RUNTIME_DIR, ContainerNode
from jupyter_ext.engines.process import RUNTIME, ProcessNode
from jupyter_ext.engines.ray.agent import PYTHON
from jupyter_ext.engines.run_network import make_network, network_name
from jupyter_ext.runtime.inside.jupyter_aml_run.mlflow_plugin.places import experiment_id, uri_of
from jupyter_ext.store.records import BuiltRecord, LaunchSpec, encode, read_record, replace
from jupyter_ext.store.snapshots import manifest

from .data import fill_in
from .data_links import make_links, prepared_data
from .gpus import gpu_variables, gpus_of_node
from .identity import identity
from .ranks import has_network, hosts, ranks_by_node
from .retries import seconds_left
from .spawning import spawned

if TYPE_CHECKING:
    from jupyter_ext.build import Built
    from jupyter_ext.store.data.data_records import PreparedData
    from jupyter_ext.store.handed import Handed
    from jupyter_ext.store.paths import RunPaths
    from jupyter_ext.store.records import RunSpec

    from .gang import Gang

_MLFLOW_URI = "MLFLOW_TRACKING_URI"
_OF_THE_OWNER = 0o600
_END_SECONDS = 15.0


def lay_out(paths: RunPaths, spec: RunSpec) -> None:
    """Lay the snapshot out as the ranks' working directory, with its ``outputs`` and ``logs``.

    Where a node has died it is there, with the checkpoints to go on from.
    """
    if paths.restarts and paths.work.exists():
        return
    if paths.work.exists():  # half laid out by a runner that was killed
        shutil.rmtree(paths.work)
    if spec.snapshot_id:
        manifest.lay_out(paths.workspace, spec.snapshot_id, paths.work)
    for link in (paths.outputs, paths.logs):
        (paths.work / link.name).mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(Path("work") / link.name)


def write_specs(paths: RunPaths, spec: RunSpec, built: Built | None) -> None:
    """Write down what the launcher of each node is to start."""
    prepared = prepared_data(paths)
    if spec.ray is None:
        make_links(paths, prepared)
    specs = [_launch_spec(paths, spec, built, prepared, *one) for one in enumerate(ranks_by_node(spec, paths))]
    for one in spawned(paths, spec, _python(spec, built), specs):
        replace(paths.launch_spec(one.node), encode(one), _OF_THE_OWNER)


def start(gang: Gang, paths: RunPaths, spec: RunSpec, handed: Handed) -> None:
    """Start the launchers that have not been at work: none where an earlier runner has started them all.

    Raises
    ------
    UserErrorException
        The container engine refuses one of them; those that were started are ended.
    """
    missing = [node for node in range(len(gang.nodes)) if node not in gang.started()]
    if not missing:
        return
    record = read_record(paths.built, BuiltRecord) if spec.environment else None
    try:
        network = network_name(paths.run_id) if has_network(spec) else None
        if network:
            make_network(paths.run_id)
        for number in missing:
            node = gang.nodes[number]
            if isinstance(node, ProcessNode):
                node.start({**handed.environment, **handed.hidden})
                continue
            assert isinstance(node, ContainerNode)  # noqa: S101 - a cluster's start their own
            image, python = (record.image or "", record.python) if record else ("", "")
            volumes = prepared_data(paths).volumes
            node.start(image, python or "python", handed.hidden, spec.shm_size, spec.docker_arguments, volumes, network)
    except Exception:
        gang.end(_END_SECONDS)
        gang.remove()
        raise


def _python(spec: RunSpec, built: Built | None) -> str:
    if built is not None and built.python:
        return str(built.python)
    if spec.ray is not None and not spec.container:
        return PYTHON
    return spec.interpreter or "python"


def _launch_spec(
    paths: RunPaths,
    spec: RunSpec,
    built: Built | None,
    prepared: PreparedData,
    node: int,
    ranks: list[dict[str, Any]],
) -> LaunchSpec:
    python = _python(spec, built)
    activated = built.variables if built else {}
    seen = RUN_DIR if spec.is_elsewhere else str(paths.root)
    gpus = gpus_of_node(paths, spec, node)
    variables = identity(spec, paths.workspace, seen, hosts(spec), node)
    if spec.ray is None:  # else Ray gives them
        variables |= gpu_variables(spec, gpus)
    if spec.max_retries:
        variables["AML_RESTART_COUNT"] = str(paths.restarts)
    inside = f"{RUNTIME_DIR}/inside" if spec.is_elsewhere else str(RUNTIME / "inside")
    path = {"PYTHONPATH": [inside]}
    token = variables["AZUREML_RUN_TOKEN"]
    tracking = {} if _MLFLOW_URI in spec.environment_variables else _tracking(paths, spec, token)
    if "/" in python:
        path["PATH"] = [str(Path(python).parent)]
    shell = spec.command and fill_in(spec.command, prepared, quote=shlex.quote)
    argv = [python, *_program(spec), *(fill_in(str(argument), prepared) for argument in spec.arguments)]
    return LaunchSpec(
        version=1,
        node=node,
        argv=None if shell else argv,
        shell=shell,
        env={
            **tracking,
            **activated,
            **spec.environment_variables,
            **prepared.environment,
            **variables,
        },
        path=path,
        ranks=ranks,
        gpus=gpus,
        max_seconds=seconds_left(paths, spec),
    )


def _program(spec: RunSpec) -> list[str]:
    """Return the script, after the program that runs it where it is a notebook."""
    script = spec.script or ""
    if not script.endswith(".ipynb"):
        return [script]
    return [f"{RUNTIME_DIR if spec.is_elsewhere else RUNTIME}/run_notebook.py", script]


def _tracking(paths: RunPaths, spec: RunSpec, token: str) -> dict[str, str]:
    """Return the variables by which ``mlflow.start_run()`` takes the run; a container sees its own run alone."""
    return {
        _MLFLOW_URI: uri_of(RUN_DIR if spec.is_elsewhere else str(paths.workspace.root)),
        "MLFLOW_RUN_ID": spec.run_id,
        "MLFLOW_EXPERIMENT_NAME": spec.experiment,
        "MLFLOW_EXPERIMENT_ID": experiment_id(spec.experiment),
        "MLFLOW_TRACKING_TOKEN": token,
    }
