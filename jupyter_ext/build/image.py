"""Builds a Docker image: from a base image, a Dockerfile or a build context, with Python packages on top."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import requests.exceptions
import urllib3.exceptions

from jupyter_ext.build import (
    buildkit,
    classic,
    dockerfile,
    image_failures,
    image_python,
    pulling,
    pushing,
    pythons,
)
from jupyter_ext.build.recipe import Recipe, folder_with
from jupyter_ext.build.records import IMAGES, Built
from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.build.contexts import Context
    from jupyter_ext.build.definition import Asked
    from jupyter_ext.build.image_python import Found
    from jupyter_ext.build.reporter import Reporter
    from jupyter_ext.store.image_registry import ImageRegistry

LABEL = "jupyter-aml.key"
_SILENCE = 24 * 3600.0  # seconds: a step of a Dockerfile may say nothing for long
_LARGE_CONTEXT = 100_000_000  # bytes, from which on the user should know before it is sent
_VENV = "/opt/aml/venv"
_CACHE = "/var/cache/jupyter-aml/pip"
_ON_TOP = f"""\
FROM {{base}}
USER root
RUN {{python}} -m venv --system-site-packages {_VENV}
COPY requirements.txt /opt/aml/requirements.txt
RUN {{cache}}{_VENV}/bin/python -m pip install --disable-pip-version-check {{option}} -r /opt/aml/requirements.txt
ENV PATH="{_VENV}/bin:$PATH"
USER {{user}}
"""


def build_image(
    asked: Asked, key: str, reporter: Reporter, *, fresh: bool, push_to: ImageRegistry | None = None
) -> Built:
    """Make the image that was asked for.

    Parameters
    ----------
    asked
        The definition.
    key
        Its content hash.
    reporter
        Gets the steps and the output.
    fresh
        Whether to repeat every step, rather than take the engine's own cache.
    push_to
        The registry that gets what is built, or None.

    Raises
    ------
    EnvironmentBuildException
        It did not build.
    EngineNotAnswering
        No engine answers, or it has stopped in the middle.
    AuthenticationException
        A registry refused the user name and password.
    """
    try:
        with docker_engine.session(timeout=_SILENCE) as engine:
            return _Image(engine, asked, key, reporter, fresh=fresh).build(push_to)
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise docker_engine.not_answering() from error


class _Image:
    """One build."""

    def __init__(self, engine: Any, asked: Asked, key: str, reporter: Reporter, *, fresh: bool) -> None:
        self._engine = engine
        self._asked = asked
        self._key = key
        self._reporter = reporter
        self._fresh = fresh
        self._docker = buildkit.program()
        self._tag = f"{IMAGES}{_plain(asked.name)}:{key[:12]}"

    def build(self, push_to: ImageRegistry | None) -> Built:
        """Get the bases, build on them, see that the result has a Python, and push it."""
        asked = self._asked
        names = [asked.image] if asked.image else dockerfile.bases(asked.dockerfile or "")
        absent = [name for name in names if asked.platform or not docker_engine.image_exists(name)]
        steps = self._count(asked.dockerfile or ""), self._count(_ON_TOP)
        push_to = push_to if asked.dockerfile or asked.pip.names_packages else None
        self._reporter.plan(len(absent) + steps[0] + steps[1] * asked.pip.names_packages + 1 + bool(push_to))
        for name in absent:
            pulling.pull(self._engine, name, asked.registry, asked.platform, self._reporter)
        bases = {name: docker_engine.image_id(name) or "" for name in names}
        with self._first() as first:
            tag = self._with_packages(first) if asked.pip.names_packages else first
        self._reporter.plan(1 + bool(push_to))
        built = self._checked(tag, bases)
        if push_to is None:
            return built
        return msgspec.structs.replace(built, pushed=pushing.push(self._engine, tag, push_to, self._reporter))

    @contextmanager
    def _first(self) -> Iterator[str]:
        """Give the name of the image before packages are installed."""
        asked = self._asked
        if asked.image:
            yield asked.image
            return
        tag = f"{self._tag}-base" if asked.pip.names_packages else self._tag
        if asked.context:
            said = asked.context.said()
            (self._reporter.note if asked.context.size >= _LARGE_CONTEXT else self._reporter.line)(said)
            self._run(asked.context, tag, users=True)
        else:
            with folder_with({"Dockerfile": asked.dockerfile or ""}) as context:
                self._run(context, tag, users=True)
        try:
            yield tag
        finally:
            if tag != self._tag:  # what is built on it keeps its layers
                self._engine.api.remove_image(tag, noprune=True)

    def _with_packages(self, base: str) -> str:
        self._reporter.line("Look for the image's Python")
        found = self._look(base)
        if not found.path:
            raise self._unusable(base, found, "installing packages")
        files = {
            "Dockerfile": _ON_TOP.format(
                base=base,
                python=found.path,
                user=self._engine.api.inspect_image(base)["Config"].get("User") or "root",
                cache=f"--mount=type=cache,id=jupyter-aml-pip,target={_CACHE} " if self._docker else "",
                option=f"--cache-dir {_CACHE}" if self._docker else "--no-cache-dir",
            ),
            "requirements.txt": "\n".join(self._asked.pip.lines) + "\n",
        }
        if not self._docker:
            self._reporter.line("The engine's classic builder keeps no downloads: packages are downloaded anew.")
        with folder_with(files) as context:
            self._run(context, self._tag, users=False)
        return self._tag

    def _run(self, context: Context, tag: str, *, users: bool) -> None:
        labels = {LABEL: self._key}
        recipe = Recipe(context, tag, labels, fresh=self._fresh, platform=self._asked.platform, users=users)
        if self._docker:
            buildkit.build(self._docker, recipe, self._reporter)
        else:
            classic.build(self._engine, recipe, self._reporter)

    def _count(self, text: str) -> int:
        return len(dockerfile.steps(text)) if self._docker else len(dockerfile.parse(text))

    def _look(self, image: str) -> Found:
        installed = self._asked.pip.names_packages and image == self._tag
        names = [f"{_VENV}/bin/python"] if installed else [self._asked.interpreter, "python3", "python"]
        return image_python.look(self._engine, image, names, self._asked.platform)

    def _checked(self, tag: str, bases: dict[str, str]) -> Built:
        self._reporter.step("Check Python")
        found = self._look(tag)
        if not found.path or found.missing:
            raise self._unusable(tag, found, "a run")
        for warning in found.warnings:
            self._reporter.note(warning)
        asked = self._asked.python
        if asked and not pythons.specifier(asked).contains(found.version, prereleases=True):
            self._reporter.note(f"Python {asked} cannot be had in this image: its own {found.version} is used.")
        image = self._engine.api.inspect_image(tag)
        return Built(
            "image",
            self._key,
            found.path,
            found.version,
            image["Id"],
            tag,
            size_bytes=int(image["Size"]),
            lock=found.packages,
            bases=bases,
        )

    def _unusable(self, tag: str, found: Found, needed_by: str) -> EnvironmentBuildException:
        """Return the exception for an image in which no Python is found, or none that can be used."""
        image, engine = self._engine.api.inspect_image(tag), self._engine.api.version()
        has, needs = image.get("Architecture"), engine.get("Arch")
        if has and needs and has != needs and not found.facts:
            title = f"The image {tag} is for {has}, and this engine runs {needs}"
            return image_failures.failure(title, found.error, self._reporter, kind=image_failures.PLATFORM)
        message = image_python.remedy(tag, found, needed_by)
        return EnvironmentBuildException(
            message,
            step=self._reporter.text,
            log=str(self._reporter.log),
            kind=image_failures.NO_PYTHON,
            remedy=message,
        )


def _plain(name: str) -> str:
    """Return a name that an image may have."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:100].strip("-") or "environment"
