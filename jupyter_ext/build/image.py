"""Builds a Docker image: from a Dockerfile or a base image, with Python packages on top where asked for."""

from __future__ import annotations

import io
import re
import tarfile
from typing import TYPE_CHECKING, Any

import docker.errors
import requests.exceptions
import urllib3.exceptions

from jupyter_ext.build import dockerfile, image_python, pulling, pythons, stream
from jupyter_ext.build.records import Built
from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from jupyter_ext.build.definition import Asked
    from jupyter_ext.build.reporter import Reporter

_SILENCE = 24 * 3600.0  # seconds: a step of a Dockerfile may say nothing for long
_VENV = "/opt/aml/venv"
_ON_TOP = f"""\
FROM {{base}}
USER root
RUN $(command -v python3 || command -v python) -m venv --system-site-packages {_VENV}
COPY requirements.txt /opt/aml/requirements.txt
RUN {_VENV}/bin/python -m pip install --disable-pip-version-check --no-cache-dir -r /opt/aml/requirements.txt
ENV PATH="{_VENV}/bin:$PATH"
USER {{user}}
"""


def build_image(asked: Asked, key: str, reporter: Reporter, *, fresh: bool) -> Built:
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
            return _Image(engine, asked, key, reporter, fresh=fresh).build()
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
        self._tag = f"jupyter-aml/{_plain(asked.name)}:{key[:12]}"

    def build(self) -> Built:
        """Get the bases, build on them, and see that the result has a Python."""
        asked = self._asked
        names = [asked.image] if asked.image else dockerfile.bases(asked.dockerfile or "")
        absent = [name for name in names if not docker_engine.image_exists(name)]
        steps = len(dockerfile.parse(asked.dockerfile or "")), len(dockerfile.parse(_ON_TOP))
        self._reporter.plan(len(absent) + steps[0] + steps[1] * asked.pip.names_packages + 1)
        for name in absent:
            pulling.pull(self._engine, name, asked.registry, self._reporter)
        bases = {name: docker_engine.image_id(name) or "" for name in names}
        image, tag = self._first(asked)
        if asked.pip.names_packages:
            image, tag = self._with_packages(image), self._tag
        return self._checked(image, tag, bases)

    def _first(self, asked: Asked) -> tuple[str, str]:
        """Return the image before packages are installed, and its name."""
        if asked.image:
            return docker_engine.image_id(asked.image) or asked.image, asked.image
        files = {"Dockerfile": asked.dockerfile or ""}
        return self._run(files, None if asked.pip.names_packages else self._tag), self._tag

    def _with_packages(self, base: str) -> str:
        user = self._engine.api.inspect_image(base)["Config"].get("User") or "root"
        files = {
            "Dockerfile": _ON_TOP.format(base=base, user=user),
            "requirements.txt": "\n".join(self._asked.pip.lines) + "\n",
        }
        return self._run(files, self._tag)

    def _run(self, files: dict[str, str], tag: str | None) -> str:
        instructions = dockerfile.parse(files["Dockerfile"])
        try:
            events = self._engine.api.build(
                fileobj=_context(files),
                custom_context=True,
                tag=tag,
                rm=True,
                forcerm=True,
                nocache=self._fresh,
                decode=True,
            )
            image = stream.follow_build(events, instructions, self._reporter)
        except docker.errors.APIError as error:
            raise stream.failure(str(error.explanation), 0, instructions, self._reporter) from error
        return docker_engine.image_id(image) or image

    def _checked(self, image: str, tag: str, bases: dict[str, str]) -> Built:
        self._reporter.step("Check Python")
        installed = self._asked.pip.names_packages
        names = [f"{_VENV}/bin/python"] if installed else [self._asked.interpreter, "python3", "python"]
        found = image_python.look(self._engine, image, names)
        if found is None:
            raise EnvironmentBuildException(image_python.remedy(tag), step="Check Python", log=str(self._reporter.log))
        asked = self._asked.python
        if asked and not pythons.specifier(asked).contains(found.version, prereleases=True):
            self._reporter.note(f"Python {asked} cannot be had in this image: its own {found.version} is used.")
        size = int(self._engine.api.inspect_image(image)["Size"])
        return Built(
            "image",
            self._key,
            found.path,
            found.version,
            image,
            tag,
            size_bytes=size,
            lock=found.packages,
            bases=bases,
        )


def _context(files: dict[str, str]) -> io.BytesIO:
    """Return a build context with the given files, with fixed times, which the engine's cache knows again."""
    result = io.BytesIO()
    with tarfile.open(fileobj=result, mode="w") as archive:
        for name, text in files.items():
            data = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    result.seek(0)
    return result


def _plain(name: str) -> str:
    """Return a name that an image may have."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:100].strip("-") or "environment"
