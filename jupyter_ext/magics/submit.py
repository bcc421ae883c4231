"""``%aml_submit``: the notebook's folder as a run."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext import monitor
from jupyter_ext.commands.find import current_workspace
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.runs.ids import experiment_name
from jupyter_ext.core.short_errors import shortened
from jupyter_ext.core.submission.distributed import (
    MpiConfiguration,
    PyTorchConfiguration,
    TensorflowConfiguration,
    TorchrunConfiguration,
)
from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.magics import notebook
from jupyter_ext.magics.arguments import parse_submit
from jupyter_ext.magics.data import named_input
from jupyter_ext.magics.dry_run import show_plan
from jupyter_ext.magics.script_cell import script_in
from jupyter_ext.monitor.front_end import in_notebook
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    ActivityFailedException,
    ExperimentExecutionException,
    UserErrorException,
)

if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace


def submit(shell: InteractiveShell, line: str, cell: str | None) -> Run | None:
    """Submit a run, show its monitor, and return it; None where it is only listed what would be sent.

    Raises
    ------
    AzureMLException
        What is asked cannot be, and nothing is created; or the run was waited for and has failed.
    """
    __tracebackhide__ = True
    options = parse_submit(line, is_cell=cell is not None)
    folder = Path(options.source).expanduser().absolute() if options.source else notebook.folder(shell)
    if not folder.is_dir():
        raise UserErrorException(f"The folder {folder} is not there: --source names the one that holds the script.")
    with ExitStack() as stack:
        if cell is not None:
            stack.enter_context(script_in(folder, options.script, cell))
        if options.dry_run:
            show_plan(shell, folder, options.script)
            return None
        workspace = current_workspace()
        config = _config(shell, workspace, folder, options)
        name = options.experiment or experiment_name(folder)
        experiment = Experiment(workspace, name, _create=False)  # a refused submit leaves none behind
        run = experiment.submit(config, tags=options.tags)
    monitor.show(run)
    notebook.already_shown(shell, run)
    if options.wait:
        _wait(shell, run)
    return run


def _config(shell: InteractiveShell, workspace: Workspace, folder: Path, options: Namespace) -> ScriptRunConfig:
    config = ScriptRunConfig(
        source_directory=str(folder),
        script=options.script,
        arguments=options.arguments,
        compute_target=options.compute,
        environment=_environment(shell, workspace, options.env) if options.env else None,
        distributed_job_config=_distribution(options),
    )
    config.run_config.node_count = options.nodes
    config.run_config.gpus_per_node = options.gpus
    config.run_config.max_retries = options.max_retries
    for name, given in options.data.items():
        config.run_config.data[name] = named_input(shell, workspace, folder, name, given)
    return config


def _environment(shell: InteractiveShell, workspace: Workspace, name: str) -> Environment:
    """Return what a name means: an environment of the notebook's own, else a registered one."""
    own = shell.user_ns.get(name)
    if isinstance(own, Environment):
        return own
    name, _, version = name.partition(":")
    return Environment.get(workspace, name, version or None)


def _distribution(options: Namespace) -> Any:
    nodes, processes = options.nodes, options.procs_per_node
    if min(nodes, processes) < 1:
        raise UserErrorException(f"A run needs at least 1 node with 1 process, not {nodes} with {processes}.")
    if options.distributed == "tensorflow":
        if processes > 1:
            raise UserErrorException("TensorFlow has one worker on each node: leave --procs-per-node out.")
        return TensorflowConfiguration(nodes, 0)
    if options.distributed == "mpi":
        return MpiConfiguration(processes, nodes)
    if options.distributed == "torchrun":
        return TorchrunConfiguration(processes, nodes, options.least_nodes)
    if options.distributed == "pytorch" or nodes * processes > 1:
        return PyTorchConfiguration("nccl", nodes * processes, nodes)
    return None


def _wait(shell: InteractiveShell, run: Run) -> None:
    """Wait for the run's end; the cell fails where the run has."""
    __tracebackhide__ = True
    began = time.monotonic()
    try:
        run.wait_for_completion(show_output=not in_notebook(shell), raise_on_error=False)
    except ExperimentExecutionException as error:
        notebook.give(shell, "aml_submit", run)
        seconds = time.monotonic() - began
        raise shortened(
            error, f"The wait was stopped after {seconds:.0f} s, and the run goes on. To end it: %aml cancel {run.id}"
        ) from None
    if run.status == "Failed":
        notebook.give(shell, "aml_submit", run)
        reason = run.get_detailed_status()["details"] or "it has failed"
        failure = ActivityFailedException(f"Run {run.id} failed")
        raise shortened(failure, f"Run {run.id} failed: {reason.rstrip('.')}. Its log: %aml logs {run.id}")
    if run.status == "Canceled":
        print(f"Run {run.id} was canceled.")  # noqa: T201 - the monitor may be out of sight
