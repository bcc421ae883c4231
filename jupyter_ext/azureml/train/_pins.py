"""Packages that are pinned to versions which a newer Python cannot have."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

_PINNED = re.compile(r"^([A-Za-z0-9._-]+(?:\[[^]]*\])?)==([A-Za-z0-9.]+)\Z")
_NO_WHEEL = "has no usable wheels"
_LIMIT_SECONDS = 20


def loosened(lines: list[str], python: str) -> dict[str, str]:
    """Return what to ask for in place of each line whose exact version is not built for a Python.

    Where the package index does not answer, no line is: the build will tell.

    Parameters
    ----------
    lines
        Requirement lines.
    python
        Its version, ``3.11``.
    """
    pinned = {line: match for line in lines if (match := _PINNED.match(line))}
    with ThreadPoolExecutor(8) as pool:
        missing = pool.map(lambda line: _is_not_built(line, python), pinned)
    return {
        line: f"{match[1]}>={match[2]}" for (line, match), none in zip(pinned.items(), missing, strict=True) if none
    }


def _is_not_built(line: str, python: str) -> bool:
    from uv import find_uv_bin  # noqa: PLC0415 - old pins only

    command = [find_uv_bin(), "pip", "compile", "--no-deps", "--only-binary", ":all:", "--python-version", python, "-"]
    try:
        asked = subprocess.run(command, input=line, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode != 0 and _NO_WHEEL in asked.stderr
