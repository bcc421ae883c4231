"""``envs``, ``compute`` and ``models``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.core import environment_versions as registered
from jupyter_ext.core.compute import ComputeTarget
from jupyter_ext.core.environment import Environment
from jupyter_ext.core.model import Model
from jupyter_ext.store.queue import LOCAL, Queue

if TYPE_CHECKING:
    from argparse import Namespace

    from jupyter_ext.core.workspace import Workspace

_SHOWN = 6


def envs(workspace: Workspace, options: Namespace) -> Answer:
    """List the registered environments."""
    found = [Environment.get(workspace, name) for name in registered.names(workspace._paths)]
    if options.env:
        found = [Environment.get(workspace, options.env)]
    if not found:
        return Answer([], text="No environment is registered yet: %%aml_env makes one.")
    data = [_environment(one) for one in found]
    rows = [(one["name"], one["version"], one["kind"], one["what"]) for one in data]
    return Answer(data, [Table(("environment", "version", "kind", "what"), rows)])


def compute(workspace: Workspace, options: Namespace) -> Answer:
    """List the compute targets, this machine first."""
    targets = ComputeTarget.list(workspace)
    if options.target and options.target != LOCAL:
        targets = [ComputeTarget(workspace, options.target)]
    queue = Queue(workspace._catalogue)
    data = [_target(queue, LOCAL, "this machine", "", 1)] if options.target in (None, LOCAL) else []
    if options.target != LOCAL:
        data += [
            _target(queue, target.name, target.type, target.vm_size, queue.slots(target.name))  # type: ignore[attr-defined]
            for target in targets
        ]
    rows = [
        (one["name"], one["type"], one["vm_size"], f"{len(one['running'])} of {one['nodes']}", str(len(one["waiting"])))
        for one in data
    ]
    return Answer(data, [Table(("target", "type", "size", "nodes in use", "runs waiting"), rows)])


def models(workspace: Workspace, options: Namespace) -> Answer:
    """List the latest version of each registered model, or every version of one."""
    found = Model.list(workspace, name=options.model, latest=options.model is None)
    if not found:
        which = f"is named {options.model!r}" if options.model else "is registered yet: run.register_model makes one"
        return Answer([], text=f"No model {which}.")
    data = [
        {
            "name": model.name,
            "version": model.version,
            "run_id": model.run_id,
            "created": str(model.created_time),
            "tags": model.tags,
        }
        for model in found
    ]
    rows = [(model.name, str(model.version), model.run_id or "", str(model.created_time)[:19]) for model in found]
    return Answer(data, [Table(("model", "version", "made by", "created"), rows)])


def _environment(environment: Environment) -> dict[str, Any]:
    docker, python = environment.docker, environment.python
    if docker.base_dockerfile:
        kind, what = "Dockerfile", docker.base_dockerfile.strip().splitlines()[0]
    elif environment._asks_for_image():
        kind, what = "image", str(docker.base_image)
    else:
        kind, what = "packages", ""
    dependencies = python.conda_dependencies
    installs = dependencies is not None and not python.user_managed_dependencies
    packages = _packages(list(dependencies.pip_packages)) if dependencies and installs else []
    return {
        "name": environment.name,
        "version": environment.version,
        "kind": kind,
        "what": ", ".join(part for part in (what, _few(packages)) if part),
        "packages": packages,
    }


def _packages(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _few(packages: list[str]) -> str:
    more = f" and {len(packages) - _SHOWN} more" if len(packages) > _SHOWN else ""
    return " ".join(packages[:_SHOWN]) + more


def _target(queue: Queue, name: str, kind: str, size: str, nodes: int) -> dict[str, Any]:
    line = queue.line(name)
    return {
        "name": name,
        "type": kind,
        "vm_size": size,
        "nodes": nodes,
        "running": [run_id for run_id, granted in line if granted],
        "waiting": [run_id for run_id, granted in line if not granted],
    }
