"""Where the container engine is: what ``DOCKER_HOST``, docker's contexts and the usual sockets tell."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import docker


def address() -> str:
    """Return where the engine is: ``DOCKER_HOST``, else the docker context's, else the first socket found."""
    return os.environ.get("DOCKER_HOST") or _context_address() or _default_address()


def variables() -> dict[str, str]:
    """Return the environment variables with which a docker program asks the engine that we ask."""
    return {} if os.environ.get("DOCKER_HOST") or _context_address() else {"DOCKER_HOST": address()}


def needs_client_library(where: str) -> bool:
    """Tell whether an address is one that a plain socket does not reach."""
    encrypted = bool(os.environ.get("DOCKER_TLS_VERIFY")) or bool(_context_address() and _context_has_keys())
    scheme = where.partition("://")[0]
    return scheme in ("ssh", "https", "npipe") or (scheme == "tcp" and encrypted)


def connect(timeout: int) -> docker.DockerClient:
    """Return a docker-py client for the engine; it takes 0.15 s to import, and more than a quick question needs.

    Raises
    ------
    docker.errors.DockerException, OSError
        No engine answers.
    """
    import docker  # noqa: PLC0415 - see above

    name = _context_name()
    if os.environ.get("DOCKER_HOST"):
        engine: docker.DockerClient = docker.from_env(timeout=timeout)
    elif name and _context_address():
        context = docker.context.ContextAPI.get_context(name)
        engine = docker.DockerClient(base_url=context.Host, tls=context.TLSConfig, timeout=timeout)
    else:
        engine = docker.DockerClient(base_url=address(), timeout=timeout)
    return engine


def docker_folder() -> Path:
    """Return the folder of the settings that docker programs share."""
    return Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")


def docker_settings() -> dict[str, Any]:
    """Return what the settings of docker programs say."""
    return _json(docker_folder() / "config.json")


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
