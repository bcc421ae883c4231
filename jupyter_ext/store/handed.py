"""What a run needs until its ranks have started, and what must not stay: the submitter's environment variables.

They may hold secrets, so they are in no record: only in a file that its owner alone can read, gone when the ranks run.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .paths import RunPaths

# What a notebook's kernel sets for its own sake, a script's plots, pager and parent are others; and what would make
# every run of a large library compile it anew, as the packages of an environment are installed without bytecode.
_STAYS_HERE = frozenset(
    {"PYTHONDONTWRITEBYTECODE", "JPY_PARENT_PID", "JPY_SESSION_NAME", "PAGER", "GIT_PAGER", "PYDEVD_USE_FRAME_EVAL"}
)


class Handed(msgspec.Struct, frozen=True):
    """What is handed over.

    Attributes
    ----------
    environment
        The submitter's environment variables, for ranks that are processes.
    hidden
        Values of the run's environment variables whose names say that they are secret.
    registry_password
        Of the registry that the environment's base image comes from.
    """

    environment: dict[str, str] = {}
    hidden: dict[str, str] = {}
    registry_password: str | None = None


def hand_over(
    paths: RunPaths,
    hidden: Mapping[str, str],
    registry_password: str | None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Write down an environment, this process's where none is given, and what is secret, for the run's runner."""
    given = os.environ if environment is None else environment
    environment = {name: value for name, value in given.items() if name not in _STAYS_HERE}
    if environment.get("MPLBACKEND", "").startswith("module://matplotlib_inline"):
        del environment["MPLBACKEND"]
    data = msgspec.json.encode(Handed(environment, dict(hidden), registry_password))
    paths.handed.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(paths.handed, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(fd, "wb") as file:  # noqa: PTH123 - opened private
        file.write(data)


def read_handed(paths: RunPaths) -> Handed:
    """Return what was handed over; this process's own environment where it is gone."""
    try:
        return msgspec.json.decode(paths.handed.read_bytes(), type=Handed)
    except (FileNotFoundError, msgspec.DecodeError):
        return Handed(dict(os.environ))


def forget_handed(paths: RunPaths) -> None:
    """Remove what was handed over."""
    paths.handed.unlink(missing_ok=True)
