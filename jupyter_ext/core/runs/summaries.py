"""What a list shows of each thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.store.records import TERMINAL, RunSpec, read_record

if TYPE_CHECKING:
    from jupyter_ext.core.environments.environment import Environment
    from jupyter_ext.core.models.model import Model
    from jupyter_ext.store.paths import RunPaths

_SHOWN = 6


def run_summary(paths: RunPaths, status: str) -> dict[str, Any] | None:
    """Tell about a run whose state the catalogue knows; None where its record was deleted or damaged by hand."""
    try:
        spec = read_record(paths.run_json, RunSpec)
    except msgspec.DecodeError:
        return None
    if spec is None:
        return None
    state = read_state(str(paths.root))
    return {
        "id": spec.run_id,
        "experiment": spec.experiment,
        "number": spec.number,
        "display_name": state["display_name"] or spec.display_name or spec.run_id,
        "status": status if status in TERMINAL else state["status"],
        "reason": state["reason"],
        "command": spec.command_line,
        "target": spec.target,
        "nodes": spec.node_count,
        "parent": spec.parent,
        "created": spec.created,
        "started": state["started"],
        "ended": state["ended"],
    }


def environment_summary(environment: Environment) -> dict[str, Any]:
    """Tell what an environment stands on, and what it adds."""
    docker, python = environment.docker, environment.python
    if docker.build_context:
        kind, what = "build context", str(docker.build_context.location)
    elif docker.base_dockerfile:
        kind, what = "Dockerfile", docker.base_dockerfile.strip().splitlines()[0]
    elif environment._asks_for_image():
        kind, what = "image", str(docker.base_image)
    else:
        kind, what = "packages", ""
    dependencies = python.conda_dependencies
    installs = dependencies is not None and not python.user_managed_dependencies
    packages = _packages(
        [*dependencies.conda_packages, *dependencies.pip_packages] if dependencies and installs else []
    )
    return {
        "name": environment.name,
        "version": environment.version,
        "kind": kind,
        "what": ", ".join(part for part in (what, _few(packages)) if part),
        "packages": packages,
    }


def model_summary(model: Model) -> dict[str, Any]:
    """Tell about a version of a model."""
    return {
        "name": model.name,
        "version": model.version,
        "run_id": model.run_id,
        "created": str(model.created_time),
        "tags": model.tags,
    }


def _packages(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _few(packages: list[str]) -> str:
    more = f" and {len(packages) - _SHOWN} more" if len(packages) > _SHOWN else ""
    return " ".join(packages[:_SHOWN]) + more
