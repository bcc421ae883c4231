"""What a list shows of each thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_ext.core.environments.environment import Environment
    from jupyter_ext.core.models.model import Model

_SHOWN = 6


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
