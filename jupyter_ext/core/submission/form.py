"""A folder submitted by a form: what it says is checked field by field, and shown before anything is sent."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_ext.core.environments.containers import needs_container
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.runs.ids import experiment_name
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    AzureMLException,
    ComputeTargetException,
    UserErrorException,
)
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.queueing.queue import LOCAL
from jupyter_ext.store.snapshots import snapshot
from jupyter_ext.store.spelling import size_text

from .distributed import PyTorchConfiguration
from .launch import check_launch, launch_of
from .on_cluster import cluster_of
from .script_run_config import ScriptRunConfig
from .submit import asked_environment, check_nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace

MOST_FILES = 50_000
"""Files after which a folder is taken for one that was not meant."""

MOST_SCRIPTS = 500
SCRIPTS = (".py", ".ipynb")


@dataclass
class Form:
    """What is asked.

    Attributes
    ----------
    folder
        What is sent.
    script
        Relative to it.
    arguments
        The script's, as words, or as they are typed.
    environment
        ``NAME`` or ``NAME:VERSION``; None for ``interpreter``.
    interpreter
        The Python of a run without environment; None for this process's.
    """

    folder: Path
    script: str
    arguments: list[str] | str = ""
    environment: str | None = None
    compute: str = LOCAL
    nodes: int = 1
    processes_per_node: int = 1
    experiment: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    interpreter: str | None = None


@dataclass
class Preview:
    """What would be sent.

    Attributes
    ----------
    plan
        The files; None where the folder cannot be sent.
    experiment
        The name that the run would stand under.
    line
        The line that submits the same from a notebook in that folder.
    errors
        What is wrong, sentence by sentence, with the field that each is about; ``""`` for the whole.
    """

    plan: snapshot.Plan | None
    experiment: str
    line: str
    errors: list[tuple[str, str]]


def preview(workspace: Workspace, form: Form) -> Preview:
    """Tell what a form would send, and everything that is wrong with it; nothing is created."""
    errors: list[tuple[str, str]] = []
    plan = _attempt(errors, "folder", lambda: snapshot.plan(form.folder, MOST_FILES))
    if plan is not None:
        errors += [*_too_large(plan, form.folder), *_wrong_script(plan, form)]
    words = _attempt(errors, "arguments", lambda: _words(form.arguments))
    name = form.experiment or experiment_name(form.folder)
    _attempt(errors, "experiment", lambda: Experiment(workspace, name, _create=False))
    counts = [("nodes", form.nodes), ("processes_per_node", form.processes_per_node)]
    errors += [(about, f"A run needs at least 1, not {count}.") for about, count in counts if count < 1]
    if min(form.nodes, form.processes_per_node) > 0:
        config = _attempt(errors, "environment", lambda: _config(workspace, form, words or []))
        errors += _wrong_place(workspace, config) if config is not None else []
    return Preview(plan, name, _line(form, words or []), errors)


def submit(workspace: Workspace, form: Form) -> Run:
    """Submit it.

    Raises
    ------
    AzureMLException
        It cannot be; the message tells the remedy.
    """
    config = _config(workspace, form, _words(form.arguments))
    name = form.experiment or experiment_name(form.folder)
    return Experiment(workspace, name, _create=False).submit(config, tags=form.tags)


def scripts_in(folder: Path) -> list[str]:
    """Return what of a folder could be run, of what would be sent: the folder's own first.

    Raises
    ------
    AzureMLException
        The folder cannot be sent.
    """
    names = [name for name, _ in snapshot.plan(folder, MOST_FILES).files if name.endswith(SCRIPTS)]
    return sorted(names, key=lambda name: (name.count("/"), name))


def _attempt(errors: list[tuple[str, str]], about: str, do: Callable[[], Any]) -> Any:
    try:
        return do()
    except AzureMLException as error:
        errors.append((about, error.message))
        return None


def _too_large(plan: snapshot.Plan, folder: Path) -> Iterator[tuple[str, str]]:
    if plan.size > snapshot.MAX_BYTES:
        largest = ", ".join(f"{name} ({size_text(size)})" for name, size in plan.largest(3))
        told = f"{folder} holds {size_text(plan.size)}, and a snapshot at most {size_text(snapshot.MAX_BYTES)}. "
        yield "folder", f"{told}The largest: {largest}. Name what is not needed in {folder / '.amlignore'}."


def _wrong_script(plan: snapshot.Plan, form: Form) -> Iterator[tuple[str, str]]:
    names = {name for name, _ in plan.files}
    if not form.script:
        yield "script", "Which script is to run? Name one, relative to the folder."
    elif form.script not in names:
        scripts = sorted(name for name in names if name.endswith(SCRIPTS))
        there, near = ", ".join(scripts[:8]) or "none", did_you_mean(form.script, scripts)
        yield "script", f"There is no script {form.script} among what would be sent (there: {there}).{near}"


def _words(arguments: list[str] | str) -> list[str]:
    if isinstance(arguments, list):
        return arguments
    try:
        return shlex.split(arguments)
    except ValueError as error:
        raise UserErrorException(
            f"The arguments cannot be split into words: {error}. Close the quotation, or escape it."
        ) from None


def _config(workspace: Workspace, form: Form, arguments: list[str]) -> ScriptRunConfig:
    environment = None
    if form.environment:
        name, _, version = form.environment.partition(":")
        environment = Environment.get(workspace, name, version or None)
    ranks = form.nodes * form.processes_per_node
    config = ScriptRunConfig(
        source_directory=str(form.folder),
        script=form.script,
        arguments=arguments,
        compute_target=form.compute,
        environment=environment,
        distributed_job_config=PyTorchConfiguration("nccl", ranks, form.nodes) if ranks > 1 else None,
    )
    config.run_config.node_count = form.nodes
    config._interpreter = form.interpreter
    return config


def _wrong_place(workspace: Workspace, config: ScriptRunConfig) -> Iterator[tuple[str, str]]:
    configuration = config._resolved()
    try:
        check_nodes(configuration, workspace)
    except ComputeTargetException as error:
        yield "compute", error.message
    except AzureMLException as error:
        yield "nodes", error.message
    environment = asked_environment(configuration)
    try:
        container = environment is not None and needs_container(environment, configuration.docker)
    except AzureMLException as error:  # no engine answers
        yield "environment", error.message
        return
    try:
        here = cluster_of(workspace, configuration.target) is None
        check_launch(launch_of(configuration), configuration, environment, container=container, here=here)
    except AzureMLException as error:
        yield "nodes", error.message


def _line(form: Form, arguments: list[str]) -> str:
    """Spell the form as a line of a notebook in the folder, where ``$`` begins a name of the notebook."""
    words = ["%aml_submit"]
    given: list[tuple[str, Any, Any]] = [
        ("--env", form.environment, None),
        ("--compute", form.compute, LOCAL),
        ("--experiment", form.experiment, experiment_name(form.folder)),
        ("--nodes", form.nodes, 1),
        ("--procs-per-node", form.processes_per_node, 1),
    ]
    for option, value, usual in given:
        if value and value != usual:
            words += [option, shlex.quote(str(value))]
    for name, value in form.tags.items():
        words += ["--tag", shlex.quote(f"{name}={value}")]
    words += [shlex.quote(word) for word in (*([form.script] if form.script else []), *arguments)]
    return " ".join(words).replace("$", "$$")
