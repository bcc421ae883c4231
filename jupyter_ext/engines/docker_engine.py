"""The container engine: whether it answers, what it has, and a client for it."""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jupyter_ext.engines.engine_address import address, connect, needs_client_library
from jupyter_ext.engines.engine_http import ask
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EngineNotAnswering

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker

_HTTP_OK = 200
_API_VERSION = re.compile(r"api-version: (\d+)\.(\d+)")
_FIRST_WITH_BUILDKIT = (1, 39)
_START = (
    "Start Docker Desktop, run 'colima start' or 'podman machine start'"
    if sys.platform == "darwin"
    else "Start it with 'sudo systemctl start docker', or 'systemctl --user start podman.socket'"
)


def engine_answers() -> bool:
    """Tell whether a container engine answers, within a second and without loading the client library."""
    status, _ = _get("/_ping")
    return status == _HTTP_OK


def has_buildkit() -> bool:
    """Tell whether the engine has BuildKit; Podman has a builder of its own."""
    head = ask("GET", "/_ping")[1].lower()
    version = _API_VERSION.search(head)
    if version is None or "libpod" in head:
        return False
    return (int(version.group(1)), int(version.group(2))) >= _FIRST_WITH_BUILDKIT


def image(name: str) -> dict[str, Any] | None:
    """Return what the engine knows of a local image, or None where it, or the engine, is not there.

    Parameters
    ----------
    name
        A name with or without a tag, or an id.
    """
    status, body = _get(f"/images/{quote(name, safe='/:@')}/json")
    return dict(json.loads(body)) if status == _HTTP_OK else None


def image_id(name: str) -> str | None:
    """Return the id of a local image, or None where it, or the engine, is not there."""
    facts = image(name)
    return str(facts["Id"]) if facts else None


def image_size(name: str) -> int:
    """Return the bytes of a local image with all its layers; 0 where it, or the engine, is not there."""
    facts = image(name)
    return int(facts["Size"]) if facts else 0


def image_exists(name: str) -> bool:
    """Tell whether the engine has the image."""
    return image(name) is not None


def images() -> list[dict[str, Any]]:
    """Return the images that the engine lists; none where it does not answer."""
    return _listed("/images/json")


def containers() -> list[dict[str, Any]]:
    """Return all containers, running or not; none where the engine does not answer."""
    return _listed("/containers/json?all=1")


def client(timeout: float = 60) -> docker.DockerClient:
    """Return a docker-py client for the engine that the quick questions ask.

    Parameters
    ----------
    timeout
        Seconds to wait for the engine's next byte.

    Raises
    ------
    EngineNotAnswering
        No engine answers.
    """
    if not needs_client_library(address()) and not engine_answers():
        raise not_answering()
    from docker.errors import DockerException  # noqa: PLC0415 - most callers need no more than the quick questions

    try:
        return connect(int(timeout))
    except (DockerException, OSError) as error:
        raise not_answering() from error


@contextmanager
def session(timeout: float = 60) -> Iterator[docker.DockerClient]:
    """Give a client for a while, and close whatever is still open at its end.

    The library leaves streams that were not read to their end open, and the engine goes on with what they ask for.

    Raises
    ------
    EngineNotAnswering
        No engine answers, or it has stopped in the middle.
    """
    engine = client(timeout)
    answers: list[Any] = []
    engine.api.hooks["response"].append(lambda answer, *_, **__: answers.append(answer))
    try:
        with answering():
            yield engine
    finally:
        for answer in answers:
            answer.close()
        engine.close()


@contextmanager
def answering() -> Iterator[None]:
    """Use a client for a while, and tell that the engine has gone away where it does.

    Raises
    ------
    EngineNotAnswering
        It has.
    """
    from requests.exceptions import RequestException  # noqa: PLC0415 - loaded with the client
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - loaded with the client

    try:
        yield
    except (RequestException, HTTPError) as error:
        raise not_answering() from error


def not_answering() -> EngineNotAnswering:
    """Return the exception that tells how to start an engine."""
    return EngineNotAnswering(
        f"No container engine answers at {address()}. {_START}; or set DOCKER_HOST to where one is."
    )


def _listed(path: str) -> list[dict[str, Any]]:
    status, body = _get(path)
    return list(json.loads(body)) if status == _HTTP_OK else []


def _get(path: str) -> tuple[int, bytes]:
    """Ask the engine for a path; return the HTTP status, 0 when it does not answer, and the body."""
    status, _, body = ask("GET", path)
    return status, body
