"""The content hash: equal for definitions that build to the same thing, and for no others."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.build import contexts, local_sources
from jupyter_ext.store.data.addresses import without_passwords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.build.definition import Asked

_RECIPE = 2  # a change in how things are built makes what was built before stale
_LENGTH = 40
_BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")
_NO_SOURCE = {"__pycache__", "build", "dist", "node_modules"}  # what a build leaves, so that it is no change


def key_of(asked: Asked) -> str:
    """Return the content hash of what was asked, in hexadecimal."""
    text = json.dumps(_affecting(asked), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def _affecting(asked: Asked) -> dict[str, Any]:
    """Return what affects the result: no names, no environment variables, nothing secret."""
    what: dict[str, Any] = {"recipe": _RECIPE, "container": asked.container}
    if asked.user_managed:
        what["interpreter"] = asked.interpreter
    if asked.container:
        what |= _of_image(asked)
    elif asked.user_managed:
        return what
    else:
        what |= _of_python(asked)
    if asked.conda:
        what["conda"] = asked.conda
    if asked.conda or asked.python:
        what["channels"] = asked.channels.shown
    if asked.pip.names_packages:
        what["pip"] = [without_passwords(line) for line in asked.pip.effective]
        what["local"] = (
            local_sources.digest(asked.pip)
            if asked.container
            else [[str(path), _fingerprint(path, path in asked.pip.editable)] for path in asked.pip.local]
        )
    return what


def _of_image(asked: Asked) -> dict[str, Any]:
    context = {"context": contexts.fingerprint(asked.context)} if asked.context else {}
    platform = {"platform": asked.platform} if asked.platform else {}
    python = {"python": asked.python, "exact": asked.exact} if asked.conda or asked.python else {}
    variables = {"variables": dict(asked.variables)} if asked.variables else {}
    return {"image": asked.image, "dockerfile": asked.dockerfile, **context, **platform, **python, **variables}


def _of_python(asked: Asked) -> dict[str, Any]:
    return {
        "python": asked.python or f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}",
        "exact": asked.exact,
        "machine": [sys.platform, os.uname().machine],
        "variables": dict(asked.variables),
    }


def _fingerprint(path: Path, editable: bool) -> list[list[Any]]:
    """Return what tells that a file, or a folder's package, has changed; what is editable is used as it is."""
    if path.is_file():
        return [[path.name, hashlib.sha256(path.read_bytes()).hexdigest()]]
    files = [path / name for name in _BUILD_FILES] if editable else _files_in(path)
    stats = [(file, file.stat()) for file in files if file.is_file()]
    return [[str(file.relative_to(path)), stat.st_size, stat.st_mtime_ns] for file, stat in stats]


def _files_in(folder: Path) -> Iterator[Path]:
    for place, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if name not in _NO_SOURCE and not name.startswith("."))
        yield from (Path(place) / name for name in sorted(files))
