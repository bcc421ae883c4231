"""Builds an image with the engine's BuildKit, over the engine's own socket."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jupyter_ext.build import docker_program, image_failures, sending, trace
from jupyter_ext.build.following import Following
from jupyter_ext.engines import docker_engine, engine_http
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from jupyter_ext.build.recipe import Recipe
    from jupyter_ext.build.reporter import Reporter
    from jupyter_ext.engines.engine_http import Answer

_LARGE = 20_000_000  # bytes, from which on a docker program is quicker, as it sends only the files that have changed
_HTTP_OK = 200
_MOVING = ("exporting ", "unpacking ", "sha256:", "extracting ")


def is_offered() -> bool:
    """Tell whether BuildKit is there; ``DOCKER_BUILDKIT=0`` asks for the classic builder, as it does with docker."""
    return os.environ.get("DOCKER_BUILDKIT") != "0" and docker_engine.has_buildkit()


def build(recipe: Recipe, reporter: Reporter) -> str:
    """Build an image and return its id.

    A large context, one that hides its Dockerfile, and a build for which BuildKit asks its client back, go through a
    docker program, if there is one.

    Parameters
    ----------
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
    context = recipe.context
    docker = docker_program.find() if context.size >= _LARGE or context.hides_dockerfile else None
    if docker:
        return docker_program.build(docker, recipe, reporter)
    try:
        return _build(recipe, reporter)
    except EnvironmentBuildException as error:
        docker = docker_program.find() if error.kind == image_failures.ASKS_BACK else None
        if docker is None:
            raise
        reporter.line("The engine asks for what a docker program gives: it goes on with that.")
        return docker_program.build(docker, recipe, reporter)


def _build(recipe: Recipe, reporter: Reporter) -> str:
    try:
        with (
            sending.archive(recipe.context, reporter) as archive,
            engine_http.asking("POST", _path(recipe), archive, kind="application/x-tar") as answer,
        ):
            return _Build(recipe, reporter).read(answer)
    except OSError as error:
        raise docker_engine.not_answering() from error


def _path(recipe: Recipe) -> str:
    asked = {"version": "2", "t": recipe.tag, "dockerfile": recipe.context.dockerfile, "rm": "1", "forcerm": "1"}
    asked |= {"nocache": "1"} if recipe.fresh else {}
    asked |= {"platform": recipe.platform} if recipe.platform else {}
    return f"/build?{urlencode(asked)}"


class _Build:
    """Reads the engine's answer: a JSON object a line, most of which carry BuildKit's own account."""

    def __init__(self, recipe: Recipe, reporter: Reporter) -> None:
        self._following = Following(recipe, reporter)
        self._image: str | None = None
        self._cached: set[str] = set()
        self._moved = ""
        self._unfinished: dict[str, bytes] = {}

    def read(self, answer: Answer) -> str:
        if answer.status != _HTTP_OK:
            raise self._following.failure(_message(b"".join(answer.blocks)))
        for line in answer.lines():
            if line.endswith((b"}", b"}\r")):  # an engine that is killed leaves half a line
                self._event(json.loads(line))
        if self._image is None:
            raise docker_engine.not_answering()
        return self._image

    def _event(self, event: dict[str, Any]) -> None:
        if "error" in event:
            self._print_rest()
            raise self._following.failure(str(event["error"]))
        aux = event.get("aux")
        if isinstance(aux, dict):
            self._image = str(aux.get("ID") or self._image or "") or None
        elif isinstance(aux, str):
            for each in trace.read(base64.b64decode(aux)):
                self._account(each)

    def _account(self, each: trace.Vertex | trace.Moved | trace.Printed) -> None:
        if isinstance(each, trace.Printed):
            *lines, rest = (self._unfinished.pop(each.digest, b"") + each.data).split(b"\n")
            self._unfinished[each.digest] = rest
            for line in lines:
                self._following.line(each.digest, line.decode(errors="replace").rstrip("\r"))
        elif isinstance(each, trace.Moved):
            if each.name.startswith(_MOVING) and (told := _told(each)) != self._moved:
                self._moved = told
                self._following.moving(told)
        elif each.started or each.cached:
            is_step = self._following.step(each.digest, each.name)
            if each.cached and is_step and each.digest not in self._cached:
                self._cached.add(each.digest)
                self._following.cached()
            if each.error:
                self._following.fail(each.digest, each.error, title=each.name)

    def _print_rest(self) -> None:
        """Pass on last lines that have no end."""
        for digest, rest in self._unfinished.items():
            if rest:
                self._following.line(digest, rest.decode(errors="replace"))


def _told(each: trace.Moved) -> str:
    return f"{each.name} {size_text(each.current)} of {size_text(each.total)}" if each.total else each.name


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")
