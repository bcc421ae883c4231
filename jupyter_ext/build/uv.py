"""Runs uv for one build, and tells what it does."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.build import failures, pip_settings, process
from jupyter_ext.build.reporter import clean
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jupyter_ext.build.reporter import Reporter

_DOWNLOAD = re.compile(r"\s*Downloading (\S+) \(([\d.]+)([KMG]?)i?B\)")
_DOWNLOADED = re.compile(r"\s*Downloaded (\S+)")
_FACTORS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_PHASES = {"Resolved ": "download", "Prepared ": "install"}
_INTO = ("--break-system-packages", "--python")  # a conda prefix may say that it is a system's: it is ours
_WHERE = "Using Python "  # and which environment: no news
_QUIET = ("--no-progress", "--color", "never")


class Uv:
    """uv, with the settings of pip, for one build.

    Parameters
    ----------
    reporter
        Gets its output.
    folder
        Where relative paths in requirement lines start.
    """

    def __init__(self, reporter: Reporter, folder: Path) -> None:
        self.reporter = reporter
        self.path = find()
        self.environment = pip_settings.uv_environment(_clean_environment())
        self._folder = folder
        self._sizes: dict[str, int] = {}
        self._done = 0

    def run(self, *arguments: str | Path) -> None:
        """Run a command to its end.

        Raises
        ------
        EnvironmentBuildException
            It failed; the message has its words.
        """
        command = [self.path, *arguments, *_QUIET]
        if process.run(command, self._told, environment=self.environment, folder=self._folder):
            reason = "\n".join(line for line in self.reporter.last_lines if not line.startswith(_WHERE))
            raise failures.failure(reason, self.reporter)

    def install(self, python: Path, lines: Sequence[str], *arguments: str) -> None:
        """Install requirement lines for an interpreter."""
        if any(line.lstrip().startswith("--extra-index-url") for line in lines):
            self.environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # as pip: the best that any index has
        self.reporter.phase("solve")
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "requirements.txt"
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            try:
                self.run("pip", "install", *_INTO, python, "--requirement", path, *arguments)
            except EnvironmentBuildException as error:
                raise self._refused(error, lines) from None

    def sync(self, python: Path, pylock: str) -> None:
        """Install exactly what a ``pylock.toml`` names."""
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "pylock.toml"
            path.write_text(pylock, encoding="utf-8")
            locked = ("--preview-features", "pylock", "--no-deps", "--requirement", path)
            self.run("pip", "install", *_INTO, python, *locked)

    def locked(self, python: Path, pins: Iterable[str], lines: Sequence[str]) -> str | None:
        """Return a ``pylock.toml`` of what is installed, with addresses and hashes; None where an index has it no more.

        Parameters
        ----------
        python
            The interpreter that it is installed for.
        pins
            What is installed, as :func:`frozen` tells it.
        lines
            The requirement lines: their options tell where packages come from.
        """
        options = [line for line in lines if line.startswith("-") and not line.startswith(("-r", "-c", "-e", "--e"))]
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "pins.txt"
            path.write_text("\n".join([*options, *pins]) + "\n", encoding="utf-8")
            command: list[str | Path] = [
                self.path,
                "pip",
                "compile",
                "--quiet",
                "--no-header",
                "--no-deps",
                "--python",
                python,
            ]
            return process.output_of(
                [*command, "--format", "pylock.toml", path], environment=self.environment, folder=self._folder
            )

    def _refused(self, error: EnvironmentBuildException, lines: Sequence[str]) -> EnvironmentBuildException:
        """Return the failure, as one of an index that lets nobody in where it is that."""
        index = None
        if error.kind == failures.NOT_FOUND and error.package:
            from jupyter_ext.build import pip_indexes  # noqa: PLC0415 - where a package is not found

            index = pip_indexes.refusing(error.package, lines, self.environment)
        if index is None:
            return error
        self.reporter.line(f"The package index {clean(index)} lets nobody in with what it was given.")
        reason = "\n".join(self.reporter.last_lines)
        return failures.failure(reason, self.reporter, kind=failures.AUTHENTICATION, package=error.package)

    def _told(self, line: str) -> None:
        for sign, phase in _PHASES.items():
            if line.startswith(sign):
                self.reporter.phase(phase)
        self.reporter.line(line)
        begun, ended = _DOWNLOAD.match(line), _DOWNLOADED.match(line)
        if begun:
            self._sizes[begun.group(1)] = int(float(begun.group(2)) * _FACTORS[begun.group(3)])
        elif ended:
            self._done += self._sizes.get(ended.group(1), 0)
        if begun or ended:
            self.reporter.downloaded(self._done, sum(self._sizes.values()))


def find() -> str:
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
    """Return the packages that an interpreter has, as ``name==version`` or as lines that pip would install."""
    answer = process.output_of([find(), "pip", "freeze", "--quiet", "--python", python])
    return clean(answer or "").splitlines()


def _clean_environment() -> dict[str, str]:
    """Return our variables without those that name another environment."""
    return {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "CONDA_PREFIX")}
