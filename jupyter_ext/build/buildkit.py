"""Builds an image with the engine's BuildKit, over the engine's own socket."""

from __future__ import annotations

import base64
import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jupyter_ext.build import docker_program, image_failures, sending, trace
from jupyter_ext.build.following import Following
from jupyter_ext.engines import docker_engine, engine_http
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from jupyter_ext.build.contexts import Context
    from jupyter_ext.build.recipe import Recipe
    from jupyter_ext.build.reporter import Reporter
    from jupyter_ext.engines.engine_http import Answer, Body

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


def printed_in(image: str, command: Sequence[str], platform: str | None) -> bytes | None:
    """Run a command in an image, without network, and keep nothing of it: in a third of the time of a container.

    Parameters
    ----------
    image
        The image's name.
    command
        A program and its arguments.
    platform
        Such as ``linux/arm64``; None for the engine's own.

    Returns
    -------
    bytes or None
        What it prints; None where BuildKit cannot run it.
    """
    text = f"FROM {image}\nRUN {json.dumps(command)}\n"
    asked = {"networkmode": "none", "nocache": "1", "outputs": json.dumps([{"Type": "cacheonly"}])}
    printed = b""
    with _asking(asked, platform, text.encode()) as answer:
        for event in _events(answer) if answer.status == _HTTP_OK else [{"error": ""}]:
            if "error" in event:
                return None
            printed += b"".join(each.data for each in _told(event) if isinstance(each, trace.Printed))
    return printed


def _build(recipe: Recipe, reporter: Reporter) -> str:
    asked = {"t": recipe.tag, "dockerfile": recipe.context.dockerfile, "rm": "1", "forcerm": "1"}
    asked |= {"nocache": "1"} if recipe.fresh else {}
    try:
        with (
            _sent(recipe.context, reporter) as body,
            _asking(asked, recipe.platform, body) as answer,
        ):
            return _Build(recipe, reporter).read(answer)
    except OSError as error:
        raise docker_engine.not_answering() from error


@contextmanager
def _sent(context: Context, reporter: Reporter) -> Iterator[Body | bytes]:
    if context.alone:  # BuildKit takes it as it is, and need not unpack it
        yield context.text.encode()
        return
    with sending.archive(context, reporter) as archive:
        yield archive


def _asking(asked: Mapping[str, str], platform: str | None, body: Body | bytes) -> AbstractContextManager[Answer]:
    query = {"version": "2", **asked} | ({"platform": platform} if platform else {})
    return engine_http.asking("POST", f"/build?{urlencode(query)}", body, kind="application/x-tar")


def _events(answer: Answer) -> Iterator[dict[str, Any]]:
    for line in answer.lines():
        if line.endswith((b"}", b"}\r")):  # an engine that is killed leaves half a line
            yield json.loads(line)


def _told(event: Mapping[str, Any]) -> Iterator[trace.Vertex | trace.Moved | trace.Printed]:
    """Yield what BuildKit's own account tells, where the event carries it."""
    if isinstance(aux := event.get("aux"), str):
        yield from trace.read(base64.b64decode(aux))


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
        for event in _events(answer):
            self._event(event)
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
        for each in _told(event):
            self._account(each)

    def _account(self, each: trace.Vertex | trace.Moved | trace.Printed) -> None:
        if isinstance(each, trace.Printed):
            *lines, rest = (self._unfinished.pop(each.digest, b"") + each.data).split(b"\n")
            self._unfinished[each.digest] = rest
            for line in lines:
                self._following.line(each.digest, line.decode(errors="replace").rstrip("\r"))
        elif isinstance(each, trace.Moved):
            if each.name.startswith(_MOVING) and (told := _how_far(each)) != self._moved:
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


def _how_far(each: trace.Moved) -> str:
    return f"{each.name} {size_text(each.current)} of {size_text(each.total)}" if each.total else each.name


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")
