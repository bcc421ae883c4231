"""Builds an image through a docker program that speaks to BuildKit, which can ask it back for what a build needs."""

from __future__ import annotations

import functools
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.build import process
from jupyter_ext.build.following import Following
from jupyter_ext.engines import docker_engine, engine_address

if TYPE_CHECKING:
    from jupyter_ext.build.recipe import Recipe
    from jupyter_ext.build.reporter import Reporter

_FIRST_WITH_BUILDKIT = (18, 9)
_FIRST_WITHOUT = (23, 0)  # from here on it is a part of its own, buildx
_PLUGIN_ROOTS = ("/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec")
_VERSION = re.compile(r"version (\d+)\.(\d+)")
_SAID = re.compile(r"#(\d+) (.*)")
_TIMED = re.compile(r"\d+\.\d+ ?(.*)")
_MOVING = re.compile(r"sha256:[0-9a-f]{64} [\d.]+\S*B|transferring context: [\d.]+[MG]B|(exporting|unpacking) ")
_FRAME = re.compile(r"-{4,}|\s*> |\s*\d+ \| ")  # of the piece of the Dockerfile that it repeats
_KEPT = 10  # last lines of each step


def find() -> str | None:
    """Return the first docker program of the search path that speaks to BuildKit, or None."""
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
    folders = [engine_address.docker_folder(), *(Path(root) / "docker" for root in _PLUGIN_ROOTS)]
    if "cliPluginsExtraDirs" in engine_address.docker_settings():
        return True
    return any((folder / "cli-plugins" / "docker-buildx").exists() for folder in folders)


def build(docker: str, recipe: Recipe, reporter: Reporter) -> str:
    """Build an image and return its id.

    Parameters
    ----------
    docker
        What :func:`find` returns.
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
    follow = _Printed(recipe, reporter)
    folder = recipe.context.folder
    with tempfile.TemporaryDirectory(dir=recipe.scratch) as name:
        id_file = Path(name) / "id"
        command = [docker, "build", "--progress=plain", "--iidfile", str(id_file), "--tag", recipe.tag]
        command += ["--no-cache"] if recipe.fresh else []
        command += [f"--platform={recipe.platform}"] if recipe.platform else []
        command += ["--file", str(folder / recipe.context.dockerfile), str(folder)]
        code = process.run(command, follow.line, environment=_environment())
        if code:
            if not follow.following.failed and not docker_engine.engine_answers():
                raise docker_engine.not_answering()
            raise follow.following.failure("\n".join(follow.rest))
        return id_file.read_text(encoding="utf-8").strip()


def _environment() -> dict[str, str]:
    """Return the program's environment variables: it is to ask the same engine as we do, and to say nothing more."""
    return {
        **os.environ,
        **engine_address.variables(),
        "DOCKER_BUILDKIT": "1",
        "DOCKER_CLI_HINTS": "false",
        "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
    }


class _Printed:
    """Reads what the program prints: lines that begin with the number of the step that they belong to."""

    def __init__(self, recipe: Recipe, reporter: Reporter) -> None:
        self.following = Following(recipe, reporter)
        self.rest: list[str] = []

    def line(self, text: str) -> None:
        match = _SAID.match(text)
        if match is None:
            if text.strip() and not _FRAME.match(text):
                self.rest = [*self.rest[-_KEPT:], text]
            return
        number, said = match.groups()
        timed = _TIMED.match(said)
        if self.following.step(number, said):  # where several go on at once, each head comes again and again
            return
        if said == "CACHED":
            self.following.cached()
        elif said.startswith("ERROR: "):
            self.following.fail(number, said.removeprefix("ERROR: "))
        elif _MOVING.match(said):
            self.following.moving(said)
        elif timed:
            self.following.line(number, timed.group(1))
