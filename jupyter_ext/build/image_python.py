"""Looks for the Python inside an image: which one a run would use, and what is installed for it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import Any

import docker.errors

_OLDEST = (3, 6)
_SHELL = 'for p in "$@"; do command -v "$p" >/dev/null 2>&1 && "$p" -c "$CODE" && exit 0; done; exit 3'
_CODE = f"""
import sys, json
if sys.version_info < {_OLDEST}: sys.exit(3)
try:
    from importlib import metadata
    have = [(d.metadata['Name'], d.version) for d in metadata.distributions()]
except ImportError:
    try:
        import pkg_resources
        have = [(d.project_name, d.version) for d in pkg_resources.working_set]
    except ImportError:
        have = []
lock = sorted(set('%s==%s' % pair for pair in have if pair[0]), key=str.lower)
print(json.dumps([sys.executable, '%d.%d.%d' % sys.version_info[:3], lock]))
"""
_LABELS = {"jupyter-aml": "check"}


@dataclass(frozen=True)
class Found:
    """A Python inside an image: its path there, its version, and its packages as ``name==version``."""

    path: str
    version: str
    packages: list[str]


def look(engine: Any, image: str, names: list[str]) -> Found | None:
    """Return the first Python of an image that a run can use, or None.

    Parameters
    ----------
    engine
        A docker-py client.
    image
        The image's id.
    names
        The interpreters to try, in order, by name or path.
    """
    container = engine.containers.create(
        image,
        ["-c", _SHELL, "sh", *dict.fromkeys(names)],
        entrypoint="sh",
        environment={"CODE": _CODE},
        network_mode="none",
        labels=_LABELS,
    )
    try:
        output = container.attach(stream=True, stdout=True, stderr=False)
        container.start()
        answer = b"".join(output)
        container.wait()
    except docker.errors.APIError:  # it has no shell to start
        return None
    finally:
        with contextlib.suppress(docker.errors.APIError):
            container.remove(force=True)
    lines = answer.decode(errors="replace").splitlines()
    try:
        path, version, packages = json.loads(lines[-1])
    except (ValueError, IndexError, TypeError):
        return None
    return Found(path, version, packages)


def remedy(image: str) -> str:
    """Return the sentence for an image in which no usable Python is found."""
    oldest = ".".join(str(number) for number in _OLDEST)
    return (
        f"The image {image} has no Python {oldest} or newer, which a run needs. Install it in the "
        "Dockerfile, such as with 'RUN apt-get update && apt-get install -y python3', or start from an image "
        "that has it, such as python:3.11."
    )
