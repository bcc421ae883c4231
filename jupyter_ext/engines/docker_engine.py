"""The container engine: where it is, whether it answers, and a client for it.

The quick questions go over the engine's socket as plain HTTP: importing the client library takes longer than
the answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EngineNotAnswering

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker

_LIMIT = 1.0  # seconds until a silent engine counts as not answering
_HTTP_OK = 200
_API_VERSION = re.compile(r"api-version: (\d+)\.(\d+)")
_FIRST_WITH_BUILDKIT = (1, 39)
_PORT = 2375  # of an engine that is reached over TCP without encryption
_START = (
    "Start Docker Desktop, run 'colima start' or 'podman machine start'"
    if sys.platform == "darwin"
    else "Start it with 'sudo systemctl start docker', or 'systemctl --user start podman.socket'"
)


def address() -> str:
    """Return where the engine is: ``DOCKER_HOST``, else the docker context's, else the first socket found."""
    return os.environ.get("DOCKER_HOST") or _context_address() or _default_address()


def engine_answers() -> bool:
    """Tell whether a container engine answers, within a second and without loading the client library."""
    status, _ = _get("/_ping")
    return status == _HTTP_OK


def has_buildkit() -> bool:
    """Tell whether the engine has BuildKit, which a docker program speaks to; Podman has a builder of its own."""
    head = _ask("/_ping")[1].lower()
    version = _API_VERSION.search(head)
    if version is None or "libpod" in head:
        return False
    return (int(version.group(1)), int(version.group(2))) >= _FIRST_WITH_BUILDKIT


def variables() -> dict[str, str]:
    """Return the environment variables with which a docker program asks the engine that we ask."""
    return {} if os.environ.get("DOCKER_HOST") or _context_address() else {"DOCKER_HOST": address()}


def image_id(name: str) -> str | None:
    """Return the id of a local image, or None where it, or the engine, is not there.

    Parameters
    ----------
    name
        A name with or without a tag, or an id.
    """
    status, body = _get(f"/images/{quote(name, safe='/:@')}/json")
    if status != _HTTP_OK:
        return None
    return str(json.loads(body)["Id"])


def image_size(name: str) -> int:
    """Return the bytes of a local image with all its layers; 0 where it, or the engine, is not there."""
    status, body = _get(f"/images/{quote(name, safe='/:@')}/json")
    return int(json.loads(body)["Size"]) if status == _HTTP_OK else 0


def image_exists(name: str) -> bool:
    """Tell whether the engine has the image."""
    return image_id(name) is not None


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
    if not _needs_client_library(address()) and not engine_answers():
        raise not_answering()
    import docker  # noqa: PLC0415 - it takes 0.15 s, and most callers need no more than the quick questions

    try:
        return _connect(docker, timeout)
    except (docker.errors.DockerException, OSError) as error:
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
    from requests.exceptions import RequestException  # noqa: PLC0415 - loaded with the client
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - loaded with the client

    try:
        yield engine
    except (RequestException, HTTPError) as error:
        raise not_answering() from error
    finally:
        for answer in answers:
            answer.close()
        engine.close()


def not_answering() -> EngineNotAnswering:
    """Return the exception that tells how to start an engine."""
    return EngineNotAnswering(
        f"No container engine answers at {address()}. {_START}; or set DOCKER_HOST to where one is."
    )


def _connect(library: Any, timeout: float) -> docker.DockerClient:
    name = _context_name()
    if os.environ.get("DOCKER_HOST"):
        engine: docker.DockerClient = library.from_env(timeout=timeout)
    elif name and _context_address():
        context = library.context.ContextAPI.get_context(name)
        engine = library.DockerClient(base_url=context.Host, tls=context.TLSConfig, timeout=timeout)
    else:
        engine = library.DockerClient(base_url=address(), timeout=timeout)
    return engine


def _get(path: str) -> tuple[int, bytes]:
    """Ask the engine for a path; return the HTTP status, 0 when it does not answer, and the body."""
    status, _, body = _ask(path)
    return status, body


def _listed(path: str) -> list[dict[str, Any]]:
    status, body = _get(path)
    return list(json.loads(body)) if status == _HTTP_OK else []


def _ask(path: str) -> tuple[int, str, bytes]:
    """Ask the engine for a path; return the HTTP status, 0 when it does not answer, the headers and the body."""
    where = address()
    if _needs_client_library(where):
        return _ask_with_client_library(path)
    try:
        with _open(where) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
    except (OSError, ValueError):
        return 0, "", b""
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(maxsplit=2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    return (status, head.decode(errors="replace"), body) if status else (0, "", b"")


def _open(where: str) -> socket.socket:
    parts = urlsplit(where)
    if parts.scheme in ("tcp", "http"):
        return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or _PORT), _LIMIT)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_LIMIT)
        connection.connect(parts.path or where)
    except OSError:
        connection.close()
        raise
    return connection


def _needs_client_library(where: str) -> bool:
    encrypted = bool(os.environ.get("DOCKER_TLS_VERIFY")) or bool(_context_address() and _context_has_keys())
    scheme = where.partition("://")[0]
    return scheme in ("ssh", "https", "npipe") or (scheme == "tcp" and encrypted)


def _ask_with_client_library(path: str) -> tuple[int, str, bytes]:
    try:
        api = client(timeout=10).api
    except EngineNotAnswering:
        return 0, "", b""
    answer = api.get(api.base_url + path)
    return answer.status_code, "\n".join(f"{name}: {value}" for name, value in answer.headers.items()), answer.content


def _default_address() -> str:
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    places = [
        Path("/var/run/docker.sock"),
        Path(runtime) / "docker.sock",
        Path.home() / ".docker" / "run" / "docker.sock",
        Path(runtime) / "podman" / "podman.sock",
    ]
    return f"unix://{next((place for place in places if _is_usable(place)), places[0])}"


def _is_usable(place: Path) -> bool:
    return place.is_socket() and os.access(place, os.R_OK | os.W_OK)


def docker_folder() -> Path:
    """Return the folder of the settings that docker programs share."""
    return Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")


def docker_settings() -> dict[str, Any]:
    """Return what the settings of docker programs say."""
    return _json(docker_folder() / "config.json")


def _context_name() -> str | None:
    name = os.environ.get("DOCKER_CONTEXT") or docker_settings().get("currentContext")
    return None if name in (None, "", "default") else str(name)


def _context_folder(kind: str) -> Path | None:
    name = _context_name()
    if name is None:
        return None
    return docker_folder() / "contexts" / kind / hashlib.sha256(name.encode()).hexdigest()


def _context_address() -> str | None:
    folder = _context_folder("meta")
    if folder is None:
        return None
    host = _json(folder / "meta.json").get("Endpoints", {}).get("docker", {}).get("Host")
    return str(host) if host else None


def _context_has_keys() -> bool:
    folder = _context_folder("tls")
    return folder is not None and (folder / "docker").is_dir()


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
