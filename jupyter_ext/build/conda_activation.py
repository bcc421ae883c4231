"""What activating a conda environment sets."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = 'for file in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do . "$file" >/dev/null 2>&1; done; env -0'
_SECONDS = 30
_OF_A_SHELL = {"_", "SHLVL", "PWD", "OLDPWD", "PATH"}


def variables(prefix: Path) -> dict[str, str]:
    """Return the variables that the packages of an environment set where it is activated.

    Its programs are found by the PATH, which whoever uses the environment sets.
    """
    mine = {"CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": str(prefix)}
    if not list(prefix.glob("etc/conda/activate.d/*.sh")):
        return mine
    plain = {"PATH": f"{prefix}/bin{os.pathsep}{os.defpath}", "HOME": os.environ.get("HOME", "/"), **mine}
    try:
        answer = subprocess.run(
            ["bash", "-c", _SCRIPT], env=plain, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return mine
    pairs = (line.split("=", 1) for line in answer.stdout.split("\0") if "=" in line)
    return {name: value for name, value in pairs if name not in _OF_A_SHELL and plain.get(name) != value} | mine
