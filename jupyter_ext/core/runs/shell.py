"""A shell where a run is: in its container while that lives, else in its working directory."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.records import TERMINAL

if TYPE_CHECKING:
    from .run import Run

_SHELL = "command -v bash >/dev/null && exec bash || exec sh"


@dataclass(frozen=True)
class Shell:
    """How a terminal gets there.

    Attributes
    ----------
    kind
        ``container`` or ``folder``.
    where
        The container's name, or the folder.
    command
        What the terminal starts; None for this user's shell, in the folder.
    """

    kind: Literal["container", "folder"]
    where: str
    command: list[str] | None = None


def shell_of(run: Run) -> Shell:
    """Return how a terminal gets to where a run is.

    Raises
    ------
    UserErrorException
        Its container is gone, and its folder too.
    """
    program = shutil.which("docker") or shutil.which("podman")
    if run._spec.container and program is not None and run.get_status() not in TERMINAL:
        name = _container(run.id)
        if name is not None:
            return Shell("container", name, [program, "exec", "-it", name, "sh", "-c", _SHELL])
    for folder in (run.paths.work, run.paths.root):
        if folder.is_dir():
            return Shell("folder", str(folder))
    raise UserErrorException(f"Run {run.id} has no folder any more: {run.paths.root} was deleted.")


def _container(run_id: str) -> str | None:
    """Return the name of a run's container on this machine; that of its first node where there are several."""
    if not docker_engine.engine_answers():
        return None
    found = [one for one in docker_engine.containers() if (one.get("Labels") or {}).get("jupyter-aml.run") == run_id]
    found = [one for one in found if one.get("State") == "running"]
    names = sorted(str(one["Names"][0]).lstrip("/") for one in found)
    return names[0] if names else None
