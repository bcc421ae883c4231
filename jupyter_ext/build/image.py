"""Builds a Docker image: from a base image, a Dockerfile or a build context, with Python packages on top."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.build import buildkit, classic, dockerfile, image_failures, image_pip, image_python, local_sources
from jupyter_ext.build.recipe import Recipe, folder_with
from jupyter_ext.build.records import IMAGES, Built
from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from jupyter_ext.build.conda_lock import CondaLock
    from jupyter_ext.build.contexts import Context
    from jupyter_ext.build.definition import Asked
    from jupyter_ext.build.image_python import Found
    from jupyter_ext.build.places import Place
    from jupyter_ext.build.reporter import Reporter
    from jupyter_ext.store.image_registry import ImageRegistry

_SILENCE = 24 * 3600.0  # seconds: a step of a Dockerfile may say nothing for long
_LARGE_CONTEXT = 100_000_000  # bytes, from which on the user should know before it is sent


def build_image(
    asked: Asked, place: Place, reporter: Reporter, *, fresh: bool, push_to: ImageRegistry | None = None
) -> Built:
    """Make the image that was asked for.

    Parameters
    ----------
    asked
        The definition.
    place
        Where what is known of it goes.
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
    with ExitStack() as after:
        image = _Image(after, asked, place, reporter, fresh=fresh)
        image.clear()  # what a build that was killed has left
        after.callback(image.clear)
        return image.build(push_to)


class _Image:
    """One build."""

    def __init__(self, after: ExitStack, asked: Asked, place: Place, reporter: Reporter, *, fresh: bool) -> None:
        self._after = after
        self._asked = asked
        self._key = place.key
        self._reporter = reporter
        self._fresh = fresh
        self._buildkit = buildkit.is_offered()
        self._scratch = reporter.log.parent / "building"
        self._tag = f"{IMAGES}{_plain(asked.name)}:{place.key[:12]}-{_mark(place.root)}"

    @cached_property
    def _engine(self) -> Any:
        return self._after.enter_context(docker_engine.session(timeout=_SILENCE))

    def clear(self) -> None:
        """Remove the files that were needed meanwhile."""
        shutil.rmtree(self._scratch, ignore_errors=True)

    def build(self, push_to: ImageRegistry | None) -> Built:
        """Get the bases, build on them, see that the result has a Python, and push it."""
        asked = self._asked
        self._scratch.mkdir()
        names = [asked.image] if asked.image else dockerfile.bases(asked.dockerfile or "")
        absent = [name for name in names if asked.platform or not docker_engine.image_exists(name)]
        steps = self._count(asked.dockerfile or ""), image_pip.steps(asked.pip), 4 * bool(asked.conda or asked.python)
        self._reporter.plan(len(absent) + sum(steps) + 1 + bool(push_to))
        for name in absent:
            from jupyter_ext.build import pulling  # noqa: PLC0415 - most builds have what they start from

            pulling.pull(self._engine, name, asked.registry, asked.platform, self._reporter)
        bases = {name: docker_engine.image_id(name) or "" for name in names}
        with self._first() as first:
            below, lock = self._with_conda(first)
            tag = self._with_packages(below, conda=lock is not None) if asked.pip.names_packages else below
            if tag not in {asked.image, self._tag}:
                self._engine.api.tag(tag, *self._tag.split(":"))
        ours = tag != asked.image
        push_to = push_to if ours else None
        self._reporter.plan(1 + bool(push_to))
        try:
            built = self._checked(self._tag if ours else tag, bases, lock)
        except EnvironmentBuildException:
            if ours:
                self._engine.api.remove_image(self._tag, noprune=True)
            raise
        if push_to is None:
            return built
        from jupyter_ext.build import pushing  # noqa: PLC0415 - where a registry is named

        return msgspec.structs.replace(built, pushed=pushing.push(self._engine, self._tag, push_to, self._reporter))

    @contextmanager
    def _first(self) -> Iterator[str]:
        """Give the name of the image before packages are installed."""
        asked = self._asked
        if asked.image:
            yield asked.image
            return
        on_top = asked.pip.names_packages or asked.conda or asked.python
        tag = f"{self._tag}-base" if on_top else self._tag
        if asked.context:
            said = asked.context.said()
            (self._reporter.note if asked.context.size >= _LARGE_CONTEXT else self._reporter.line)(said)
            self._run(asked.context, tag)
        else:
            with folder_with({"Dockerfile": asked.dockerfile or ""}, self._scratch) as context:
                self._run(context, tag)
        try:
            yield tag
        finally:
            if on_top:  # what is built on it keeps its layers
                self._engine.api.remove_image(tag, noprune=True)

    def _with_conda(self, base: str) -> tuple[str, CondaLock | None]:
        """Return the name of the image with conda packages on top, and the packages; none where none are needed."""
        asked = self._asked
        if not asked.conda and not asked.python:
            return base, None
        from jupyter_ext.build import image_conda  # noqa: PLC0415 - where conda's channels are asked

        found = self._look(base)
        if not asked.conda and found.path and _fits(asked, found):
            return base, None
        architecture = str(self._engine.api.inspect_image(base)["Architecture"])
        lock = image_conda.solve(asked, found, architecture, self._reporter)
        if lock is None:
            return base, None
        engine, folder = self._engine, self._scratch / "conda"
        name = image_conda.layer(lock, asked, base, engine, self._reporter, self._run, folder, fresh=self._fresh)
        return name, lock

    def _with_packages(self, base: str, *, conda: bool) -> str:
        """Return the name of the image with the packages of the index on top."""
        asked = self._asked
        self._reporter.line("Look for the image's Python")
        found = self._look(base, conda=conda)
        if not found.path:
            raise self._unusable(base, found, "installing packages")
        for said in local_sources.said(asked.pip, _LARGE_CONTEXT):
            self._reporter.note(said)
        if not self._buildkit:
            self._reporter.line("The engine's classic builder keeps no downloads: packages are downloaded anew.")
        user = self._engine.api.inspect_image(base)["Config"].get("User") or "root"
        making = image_pip.context(asked.pip, base, found.path, user, self._scratch, conda=conda, cached=self._buildkit)
        with making as (context, titles):
            self._run(context, self._tag, titles)
        return self._tag

    def _run(self, context: Context, tag: str, titles: Mapping[str, str] | None = None) -> None:
        recipe = Recipe(context, tag, self._scratch, self._fresh, self._asked.platform, titles)
        if self._buildkit:
            buildkit.build(recipe, self._reporter)
        else:
            classic.build(self._engine, recipe, self._reporter)

    def _count(self, text: str) -> int:
        return len(dockerfile.steps(text)) if self._buildkit else len(dockerfile.parse(text))

    def _look(self, image: str, *, conda: bool = False, venv: bool = False) -> Found:
        names = [self._asked.interpreter, "python3", "python"]
        if conda or venv:
            from jupyter_ext.build import image_conda  # noqa: PLC0415 - where packages are on top

            names = [f"{image_conda.PREFIX if conda else image_pip.VENV}/bin/python"]
        return image_python.look(image, names, self._asked.platform, conda=bool(self._asked.conda))

    def _checked(self, tag: str, bases: dict[str, str], lock: CondaLock | None) -> Built:
        self._reporter.step("Check Python")
        asked = self._asked
        found = self._look(tag, conda=lock is not None, venv=asked.pip.names_packages)
        if not found.path or found.missing:
            raise self._unusable(tag, found, "a run")
        for warning in found.warnings(conda=bool(asked.conda)):
            self._reporter.note(warning)
        if lock is None and not _fits(asked, found):
            if asked.exact:
                from jupyter_ext.build import conda_python  # noqa: PLC0415 - where it is refused

                raise conda_python.exact_refused(str(asked.python), "in this image")
            self._reporter.note(f"Python {asked.python} cannot be had in this image: its own {found.version} is used.")
        image = docker_engine.image(tag)
        if image is None:
            raise docker_engine.not_answering()
        return Built(
            "image",
            self._key,
            found.path,
            found.version,
            image["Id"],
            tag,
            size_bytes=int(image["Size"]),
            lock=_with_conda_packages(found.packages, lock),
            conda=[str(package) for package in lock.packages] if lock else [],
            bases=bases,
            variables=dict(asked.variables),
        )

    def _unusable(self, tag: str, found: Found, needed_by: str) -> EnvironmentBuildException:
        """Return the exception for an image in which no Python is found, or none that can be used."""
        image, engine = self._engine.api.inspect_image(tag), self._engine.api.version()
        has, needs = image.get("Architecture"), engine.get("Arch")
        name = tag if tag == self._asked.image else f"of {self._asked.name}"
        if has and needs and has != needs and not found.facts:
            title = f"The image {name} is for {has}, and this engine runs {needs}"
            return image_failures.failure(title, found.error, self._reporter, kind=image_failures.PLATFORM)
        message = image_python.remedy(name, found, needed_by)
        return EnvironmentBuildException(
            message,
            step=self._reporter.text,
            log=str(self._reporter.log),
            kind=image_failures.NO_PYTHON,
            remedy=message,
        )


def _with_conda_packages(packages: list[str], lock: CondaLock | None) -> list[str]:
    """Return the Python packages and those of conda that are none."""
    have = {_plain(package.partition("==")[0]) for package in packages}
    others = [package for package in lock.packages if _plain(package.name) not in have] if lock else []
    return sorted([*packages, *(f"{each.name}=={each.version}" for each in others)], key=str.lower)


def _fits(asked: Asked, found: Found) -> bool:
    """Tell whether a Python is one that was asked for."""
    if not asked.python:
        return True
    from jupyter_ext.build import pythons  # noqa: PLC0415 - where a Python is asked for

    return pythons.specifier(asked.python).contains(found.version, prereleases=True)


def _mark(root: Path) -> str:
    """Return what tells a workspace from the others that use this engine: each has names of its own to give back."""
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:8]


def _plain(name: str) -> str:
    """Return a name that an image may have."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:100].strip("-") or "environment"
