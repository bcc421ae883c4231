"""Builds a virtual environment with uv."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.build import failures, pip_settings, places, process, pythons
from jupyter_ext.build.records import Built
from jupyter_ext.build.reporter import clean
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    EnvironmentBuildException,
    UserErrorException,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_ext.build.definition import Asked
    from jupyter_ext.build.places import Place
    from jupyter_ext.build.reporter import Reporter
    from jupyter_ext.build.requirements import Requirements

_NONE_ASKED = "the environment names none but SDK v1's default"


def build_venv(asked: Asked, place: Place, reporter: Reporter, folder: Path) -> Built:
    """Make the virtual environment that was asked for.

    Parameters
    ----------
    asked
        The definition.
    place
        Where it goes.
    reporter
        Gets the steps and the output.
    folder
        Where relative paths in requirement lines start.

    Raises
    ------
    EnvironmentBuildException
        uv could not make it; the message has the reason.
    """
    uv = find_uv()
    environment = pip_settings.uv_environment(_clean_environment())
    reporter.plan(2 + asked.pip.names_packages)
    reporter.step(f"Python {asked.python}" if asked.python else "Python")
    choice = pythons.choose(asked.python, uv, environment)
    if choice.note or asked.default_python:
        reporter.note(choice.note or f"Python {platform.python_version()} is used, as here: {_NONE_ASKED}.")
    place.remove_half_built()
    venv = place.new_venv()
    try:
        return _fill(asked, venv, _Uv(uv, environment, reporter, folder), choice.path, place.key)
    except BaseException:
        shutil.rmtree(venv, ignore_errors=True)
        raise


def find_uv() -> str:
    """Return the path of uv's program."""
    from uv import find_uv_bin  # noqa: PLC0415 - only a build needs it

    try:
        return str(find_uv_bin())
    except FileNotFoundError:
        found = shutil.which("uv")
    if found is None:
        raise UserErrorException("uv is not installed beside this package: run 'pip install --force-reinstall uv'.")
    return found


def frozen(python: str | Path) -> list[str]:
    """Return the packages that an interpreter has, as ``name==version``."""
    answer = process.output_of([find_uv(), "pip", "freeze", "--quiet", "--python", python])
    return clean(answer or "").splitlines()


class _Uv:
    """Runs uv's commands for one build."""

    def __init__(self, path: str, environment: Mapping[str, str], reporter: Reporter, folder: Path) -> None:
        self.reporter = reporter
        self._path = path
        self._environment = environment
        self._folder = folder

    def run(self, *arguments: str | Path) -> None:
        command = [self._path, *arguments, "--no-progress", "--color", "never"]
        code = process.run(command, self.reporter.line, environment=self._environment, folder=self._folder)
        if code:
            raise failures.failure("\n".join(self.reporter.last_lines), self.reporter)


def _fill(asked: Asked, venv: Path, uv: _Uv, python: str, key: str) -> Built:
    uv.run("venv", "--quiet", "--no-project", "--python", python, venv)
    inside = venv / "bin" / "python"
    if asked.pip.names_packages:
        uv.reporter.step(f"pip install {_summary(asked.pip)}")
        _install(asked.pip, inside, uv)
    uv.reporter.step("Check")
    version = pythons.version_of(inside)
    if version is None:
        raise EnvironmentBuildException(f"The Python of the environment, {inside}, does not run.", step="Check")
    lock, size = frozen(inside), _size(venv)
    places.mark_whole(venv)
    return Built("venv", key, str(inside), version, size_bytes=size, lock=lock)


def _install(pip: Requirements, python: Path, uv: _Uv) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "requirements.txt"
        path.write_text("\n".join(pip.lines) + "\n")
        uv.run("pip", "install", "--python", python, "--requirement", path)


def _summary(pip: Requirements) -> str:
    """Return the first packages of the list, for the step's title."""
    names = [line.split("#")[0].strip() for line in pip.effective]
    shown = " ".join(names[:6])
    return shown if len(names) <= 6 else f"{shown} and {len(names) - 6} more"  # noqa: PLR2004 - what fits a line


def _size(folder: Path) -> int:
    """Return the size of all files in a folder, in bytes."""
    total, waiting = 0, [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total


def _clean_environment() -> dict[str, str]:
    """Return our variables without those that name another environment."""
    return {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "CONDA_PREFIX")}
