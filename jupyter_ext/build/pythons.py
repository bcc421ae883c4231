"""Finds the Python that an environment asks for, or the nearest that can be had here."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from jupyter_ext.build import conda_python, process
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_ext.build.conda_channels import Channels
    from jupyter_ext.build.conda_lock import CondaLock
    from jupyter_ext.build.uv import Uv

_PLAIN = re.compile(r"\d+(\.\d+){0,2}")
_DOWNLOAD_SECONDS = 60  # a Python is about 30 MB; a network that gives none must not hold a build up
_PARTS_OF_A_FULL_VERSION = 3


@dataclass(frozen=True)
class Choice:
    """The Python to use.

    Parameters
    ----------
    path
        Its interpreter; empty where it is still to be installed.
    note
        What the user should know, or None where it is what was asked for.
    conda
        What to install to have it, where a conda channel gives it.
    """

    path: str
    note: str | None = None
    conda: CondaLock | None = None


def choose(asked: str | None, uv: Uv, channels: Channels, *, exact: bool = False) -> Choice:
    """Choose the Python for an environment: exactly the one asked for, else its minor version, else ours.

    Each is looked for on this machine, in conda's channels, and among uv's own builds.

    Parameters
    ----------
    asked
        The version, as conda writes it, such as ``3.8``, ``3.8.13`` or ``>=3.8,<3.11``; None for ours.
    uv
        It knows the machine's Pythons and can fetch others.
    channels
        The conda channels that may have it.
    exact
        Whether only the one that is asked for will do.

    Raises
    ------
    UserErrorException
        ``asked`` is no version.
    EnvironmentBuildException
        It cannot be had, and ``exact`` is set.
    """
    if asked is None:
        return Choice(sys.executable)
    found = _had(asked, uv, channels)
    if found:
        return found
    if exact:
        raise conda_python.exact_refused(asked, "here")
    minor = conda_python.minor_of(asked)
    if minor and minor != asked:
        found = _had(minor, uv, channels)
        if found:
            version = found.conda.python if found.conda else version_of(found.path)
            return Choice(found.path, _note(asked, version or minor), found.conda)
    return Choice(sys.executable, _note(asked, platform.python_version()))


def _had(asked: str, uv: Uv, channels: Channels) -> Choice | None:
    """Return a Python that is within what is asked for, or None."""
    wanted = specifier(asked)
    if wanted.contains(platform.python_version(), prereleases=True):
        return Choice(sys.executable)
    here = _here(asked, wanted, uv)
    if here:
        return Choice(here)
    conda = conda_python.alone(asked, channels) if channels.addresses else None
    if conda:
        return Choice("", conda=conda)
    fetched = _fetched(asked, uv)
    return Choice(fetched) if fetched else None


def specifier(asked: str) -> SpecifierSet:
    """Return the versions that a conda constraint allows."""
    if _PLAIN.fullmatch(asked):
        full = asked.count(".") + 1 == _PARTS_OF_A_FULL_VERSION
        return SpecifierSet(f"=={asked}" if full else f"=={asked}.*")
    plain = asked if asked[0] in "<>!=~" else f"=={asked.split('=', maxsplit=1)[0]}"
    try:
        return SpecifierSet(plain)
    except InvalidSpecifier:
        raise UserErrorException(f"{asked!r} is not a Python version: write it as 3.11 or 3.11.7.") from None


def version_of(python: str | Path) -> str | None:
    """Return the version of an interpreter, or None where it does not run."""
    command = [python, "-I", "-S", "-c", "import sys; print(sys.version.split()[0])"]
    try:
        answer = process.output_of(command)
    except OSError:
        return None
    return answer.strip() if answer else None


def _here(request: str, wanted: SpecifierSet, uv: Uv) -> str | None:
    """Return an interpreter of this machine."""
    for path in _of_pyenv(uv.environment):
        if wanted.contains(path.parent.parent.name) and version_of(path):
            return str(path)
    command = [uv.path, "python", "find", "--no-python-downloads", request]
    answer = process.output_of(command, environment=uv.environment)
    return answer.strip() if answer else None


def _fetched(request: str, uv: Uv) -> str | None:
    """Return an interpreter that uv has downloaded, unless it cannot at once."""
    quick = {**uv.environment, "UV_HTTP_TIMEOUT": "10", "UV_HTTP_RETRIES": "0"}
    command = [uv.path, "python", "install", request]
    try:
        answer = subprocess.run(command, env=quick, capture_output=True, timeout=_DOWNLOAD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    if answer.returncode:
        return None
    search = [uv.path, "python", "find", "--managed-python", request]
    found = process.output_of(search, environment=uv.environment)
    return found.strip() if found else None


def _of_pyenv(environment: Mapping[str, str]) -> list[Path]:
    """Return pyenv's interpreters, newest first: its shims on the PATH run for the chosen version only."""
    root = Path(environment.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = [path for path in root.glob("versions/*/bin/python") if os.access(path, os.X_OK)]
    found = [path for path in found if _PLAIN.fullmatch(path.parent.parent.name)]
    return sorted(found, key=lambda path: [int(n) for n in path.parent.parent.name.split(".")], reverse=True)


def _note(asked: str, used: str) -> str:
    return f"Python {asked} cannot be had here: {used} is used."
