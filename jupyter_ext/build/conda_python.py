"""Which Python goes with conda packages: the one that is asked for, else the nearest that the channels have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_ext.build import conda_solve, failures
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from jupyter_ext.build.conda_channels import Channels
    from jupyter_ext.build.conda_lock import CondaLock
    from jupyter_ext.build.definition import Asked

_UNSOLVED = (failures.NOT_FOUND, failures.UNSATISFIABLE)


def solve(asked: Asked, **where: Any) -> tuple[CondaLock, str | None]:
    """Solve the conda packages of a definition with its Python; return what the user should know of that, too.

    Parameters
    ----------
    asked
        The definition.
    **where
        ``platform`` and ``virtual_packages`` for :func:`jupyter_ext.build.conda_solve.solve`, where they are not
        this machine's.

    Raises
    ------
    EnvironmentBuildException
        They cannot be had together.
    """
    try:
        return conda_solve.solve(asked.channels, [*asked.conda, spec(asked.python)], **where), None
    except EnvironmentBuildException as error:
        if error.kind not in _UNSOLVED or asked.python is None or alone(asked.python, asked.channels, **where):
            raise
        if asked.exact:
            raise exact_refused(asked.python, f"from {', '.join(asked.channels.shown)}") from None
    minor = minor_of(asked.python)
    near = minor if minor and alone(minor, asked.channels, **where) else None
    lock = conda_solve.solve(asked.channels, [*asked.conda, spec(near)], **where)
    return lock, f"Python {asked.python} cannot be had from the channels: {lock.python} is used."


def alone(version: str, channels: Channels, **where: Any) -> CondaLock | None:
    """Return an environment of just this Python, or None where the channels have none or do not answer."""
    try:
        return conda_solve.solve(channels, [spec(version)], **where)
    except EnvironmentBuildException:
        return None


def spec(version: str | None) -> str:
    """Return the match specification of a Python."""
    if version is None:
        return "python"
    return f"python{version}" if version[0] in "<>=!~" else f"python={version}"


def minor_of(version: str) -> str | None:
    """Return the minor version that a constraint begins with, such as ``3.6`` of ``3.6.2``."""
    match = re.match(r"[=~<>]*\s*(\d+\.\d+)", version)
    return match.group(1) if match else None


def exact_refused(version: str, where: str) -> EnvironmentBuildException:
    """Return the exception for a Python that cannot be had, where no other will do."""
    return EnvironmentBuildException(
        f"Python {version} cannot be had {where}, and --python-exact takes no other: ask for another version, name a "
        "conda channel that has it, or leave --python-exact out to get the nearest.",
        kind=failures.NOT_FOUND,
        package="python",
    )
