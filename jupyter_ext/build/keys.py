"""The content hash: equal for definitions that build to the same thing, and for no others."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from jupyter_ext.build import contexts

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.build.definition import Asked

_RECIPE = 1  # a change in how things are built makes what was built before stale
_LENGTH = 40
_BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")


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
        what["image"] = asked.image
        what["dockerfile"] = asked.dockerfile
        if asked.context:
            what["context"] = contexts.fingerprint(asked.context)
        if asked.platform:
            what["platform"] = asked.platform
    elif asked.user_managed:
        return what
    else:
        what["python"] = asked.python or f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
        what["machine"] = os.uname().machine
    if asked.pip.names_packages:
        what["pip"] = asked.pip.effective
        what["local"] = [[str(path), _fingerprint(path)] for path in asked.pip.local]
    return what


def _fingerprint(path: Path) -> list[list[Any]]:
    """Return what tells that a file, or the files that define a folder's package, have changed."""
    files = [path / name for name in _BUILD_FILES] if path.is_dir() else [path]
    stats = [(file, file.stat()) for file in files if file.is_file()]
    return [[file.name, stat.st_size, stat.st_mtime_ns] for file, stat in stats]
