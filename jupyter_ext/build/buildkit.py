"""Builds an image with BuildKit, through a docker program that speaks to it."""

from __future__ import annotations

import functools
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.build import dockerfile, image_failures, process
from jupyter_ext.build.stream import step_failure
from jupyter_ext.engines import docker_engine

if TYPE_CHECKING:
    from jupyter_ext.build.recipe import Recipe
    from jupyter_ext.build.reporter import Reporter
    from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

_FIRST_WITH_BUILDKIT = (18, 9)
_FIRST_WITHOUT = (23, 0)  # from here on it is a part of its own, buildx
_PLUGIN_ROOTS = ("/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec")
_VERSION = re.compile(r"version (\d+)\.(\d+)")
_SAID = re.compile(r"#(\d+) (.*)")
_HEAD = re.compile(r"\[(?:\w+/\S+ )?(?:(\S+) +)?(\d+)/\d+\] ")
_TIMED = re.compile(r"\d+\.\d+ ?(.*)")
_MOVING = re.compile(r"sha256:[0-9a-f]{64} [\d.]+\S*B|transferring context: [\d.]+[MG]B|(exporting|unpacking) ")
_LINE_OF_SYNTAX_ERROR = re.compile(r"parse error (?:on )?line (\d+)|^Dockerfile:(\d+)", re.MULTILINE)
_FRAME = re.compile(r"-{4,}|\s*> |\s*\d+ \| ")  # of the piece of the Dockerfile that it repeats
_KEPT = 10  # last lines of each step


def program() -> str | None:
    """Return the docker program to build with, or None where the classic builder has to do.

    ``DOCKER_BUILDKIT=0`` asks for the classic builder, as it does with docker itself.
    """
    if os.environ.get("DOCKER_BUILDKIT") == "0" or not docker_engine.has_buildkit():
        return None
    return _program(os.environ.get("PATH", os.defpath))


@functools.cache
def _program(path: str) -> str | None:
    """Return the first program of the search path that has BuildKit built in, or its part for it installed."""
    for folder in path.split(os.pathsep):
        file = Path(folder) / "docker"
        if not os.access(file, os.X_OK):
            continue
        version = _VERSION.search(process.output_of([file, "--version"]) or "")
        number = (int(version.group(1)), int(version.group(2))) if version else (0, 0)
        if _FIRST_WITH_BUILDKIT <= number < _FIRST_WITHOUT:
            return str(file)
        if number >= _FIRST_WITHOUT and _has_buildx() and process.output_of([file, "buildx", "version"]) is not None:
            return str(file)
    return None


def _has_buildx() -> bool:
    """Tell whether the part is where docker looks for it: asking docker itself takes ten times as long."""
    folders = [docker_engine.docker_folder(), *(Path(root) / "docker" for root in _PLUGIN_ROOTS)]
    if "cliPluginsExtraDirs" in docker_engine.docker_settings():
        return True
    return any((folder / "cli-plugins" / "docker-buildx").exists() for folder in folders)


def build(docker: str, recipe: Recipe, reporter: Reporter) -> str:
    """Build an image and return its id.

    Parameters
    ----------
    docker
        What :func:`program` returns.
    recipe
        What to build.
    reporter
        Gets the steps and the output.

    Raises
    ------
    EnvironmentBuildException
        A step has failed.
    EngineNotAnswering
        The engine has stopped in the middle.
    """
    follow = _Follow(recipe, reporter)
    folder = recipe.context.folder
    with tempfile.TemporaryDirectory(dir=recipe.scratch) as name:
        id_file = Path(name) / "id"
        command = [docker, "build", "--progress=plain", "--iidfile", str(id_file), "--tag", recipe.tag]
        command += ["--no-cache"] if recipe.fresh else []
        command += [f"--platform={recipe.platform}"] if recipe.platform else []
        command += ["--file", str(folder / recipe.context.dockerfile), str(folder)]
        code = process.run(command, follow.line, environment=_environment())
        if code:
            if not follow.failed and not docker_engine.engine_answers():
                raise docker_engine.not_answering()
            raise follow.failure()
        return id_file.read_text(encoding="utf-8").strip()


def _environment() -> dict[str, str]:
    """Return the program's environment variables: it is to ask the same engine as we do, and to say nothing more."""
    return {
        **os.environ,
        **docker_engine.variables(),
        "DOCKER_BUILDKIT": "1",
        "DOCKER_CLI_HINTS": "false",
        "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
    }


class _Follow:
    """Reads what the program prints: lines that begin with the number of the step that they belong to."""

    def __init__(self, recipe: Recipe, reporter: Reporter) -> None:
        self._recipe = recipe
        self._reporter = reporter
        self._steps = dockerfile.steps(recipe.context.text)
        self._begun: dict[str, tuple[str, int]] = {}
        self._lines: dict[str, list[str]] = {}
        self._rest: list[str] = []
        self.failed: tuple[str, str] | None = None

    def line(self, text: str) -> None:
        match = _SAID.match(text)
        if match is None:
            if text.strip() and not _FRAME.match(text):
                self._rest = [*self._rest[-_KEPT:], text]
            return
        number, said = match.groups()
        head = _HEAD.match(said)
        timed = _TIMED.match(said)
        if head:
            self._begin(number, head)
        elif said == "CACHED":
            self._reporter.line("(cached)")
        elif said.startswith("ERROR: "):
            self.failed = (number, said.removeprefix("ERROR: "))
        elif _MOVING.match(said):
            self._reporter.line(said, lasting=False)
        elif timed and number in self._begun:
            self._lines[number] = [*self._lines.get(number, [])[1 - _KEPT :], timed.group(1)]
            self._reporter.line(timed.group(1))

    def failure(self) -> EnvironmentBuildException:
        number, reason = self.failed or ("", "")
        if number not in self._begun:
            reason = "\n".join(self._rest) or reason
            match = _LINE_OF_SYNTAX_ERROR.search(reason)
            line = int(match.group(1) or match.group(2)) if match else None
            return image_failures.failure("The Dockerfile cannot be built", reason, self._reporter, line=line)
        key = self._begun[number]
        at, lines = list(self._steps).index(key), self._lines.get(number, [])
        return step_failure(self._recipe, list(self._steps.values()), at, reason, self._reporter, lines)

    def _begin(self, number: str, head: re.Match[str]) -> None:
        """Begin a step; where several go on at once, each head comes again and again."""
        stage, step = head.groups()
        stages = list(dict.fromkeys(name for name, _ in self._steps))
        key = (stage or stages[0], int(step))
        if number not in self._begun and key in self._steps:
            self._begun[number] = key
            self._reporter.step(self._recipe.title(str(self._steps[key])))
