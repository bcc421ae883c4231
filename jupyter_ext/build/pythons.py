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

from jupyter_ext.build import process
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN = re.compile(r"\d+(\.\d+){0,2}")
_DOWNLOAD_SECONDS = 60  # a Python is about 30 MB; a network that gives none must not hold a build up
_PARTS_OF_A_FULL_VERSION = 3


@dataclass(frozen=True)
class Choice:
    """The Python to use.

    Parameters
    ----------
    path
        Its interpreter.
    note
        What the user should know, or None where it is what was asked for.
    """

    path: str
    note: str | None = None


def choose(asked: str | None, uv: str, environment: Mapping[str, str]) -> Choice:
    """Choose the Python for an environment: exactly the one asked for, else its minor version, else ours.

    Parameters
    ----------
    asked
        The version, as conda writes it, such as ``3.8``, ``3.8.13`` or ``>=3.8,<3.11``; None for ours.
    uv
        The path of uv, which knows the machine's Pythons and can fetch others.
    environment
        The variables to run it with.

    Raises
    ------
    UserErrorException
        ``asked`` is no version.
    """
    ours = platform.python_version()
    if asked is None:
        return Choice(sys.executable)
    wanted = specifier(asked)
    if wanted.contains(ours, prereleases=True):
        return Choice(sys.executable)
    found = _here(asked, wanted, uv, environment) or _fetched(asked, uv, environment)
    if found:
        return Choice(found)
    minor = _minor_of(asked)
    if minor and minor != asked:
        same = SpecifierSet(f"=={minor}.*")
        found = sys.executable if same.contains(ours) else None
        found = found or _here(minor, same, uv, environment) or _fetched(minor, uv, environment)
        if found:
            return Choice(found, _note(asked, version_of(found) or minor))
    return Choice(sys.executable, _note(asked, ours))


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
    command = [python, "-I", "-S", "-c", "import platform; print(platform.python_version())"]
    try:
        answer = process.output_of(command)
    except OSError:
        return None
    return answer.strip() if answer else None


def _here(request: str, wanted: SpecifierSet, uv: str, environment: Mapping[str, str]) -> str | None:
    """Return an interpreter of this machine."""
    for path in _of_pyenv(environment):
        if wanted.contains(path.parent.parent.name) and version_of(path):
            return str(path)
    answer = process.output_of([uv, "python", "find", "--no-python-downloads", request], environment=environment)
    return answer.strip() if answer else None


def _fetched(request: str, uv: str, environment: Mapping[str, str]) -> str | None:
    """Return an interpreter that uv has downloaded, unless it cannot at once."""
    quick = {**environment, "UV_HTTP_TIMEOUT": "10", "UV_HTTP_RETRIES": "0"}
    command = [uv, "python", "install", request]
    try:
        answer = subprocess.run(command, env=quick, capture_output=True, timeout=_DOWNLOAD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    if answer.returncode:
        return None
    found = process.output_of([uv, "python", "find", "--managed-python", request], environment=environment)
    return found.strip() if found else None


def _of_pyenv(environment: Mapping[str, str]) -> list[Path]:
    """Return pyenv's interpreters, newest first: its shims on the PATH run for the chosen version only."""
    root = Path(environment.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = [path for path in root.glob("versions/*/bin/python") if os.access(path, os.X_OK)]
    found = [path for path in found if _PLAIN.fullmatch(path.parent.parent.name)]
    return sorted(found, key=lambda path: [int(n) for n in path.parent.parent.name.split(".")], reverse=True)


def _minor_of(asked: str) -> str | None:
    match = re.match(r"[=~<>]*\s*(\d+\.\d+)", asked)
    return match.group(1) if match else None


def _note(asked: str, used: str) -> str:
    return f"Python {asked} cannot be had here: {used} is used."
