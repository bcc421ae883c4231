"""A Python with PyTorch, made once on this machine; containers with the same Python are given its packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from parts import MissingPart, alone, folder

PACKAGES = ("torch==2.13.0", "numpy")
INSIDE = "/opt/torch"
"""Where containers see the packages."""


def make() -> Path:
    """Make it unless it is there; return its interpreter."""
    root = folder() / f"torch-{'.'.join(map(str, sys.version_info[:2]))}"
    with alone("torch-python"):
        if not (root / "ready").exists():
            shutil.rmtree(root, ignore_errors=True)
            _uv("venv", "-q", "--python", sys.executable, str(root))
            found = [f"--find-links={place}" for place in os.environ.get("PIP_FIND_LINKS", "").split()]
            _uv(
                "pip",
                "install",
                "-q",
                "--compile-bytecode",
                "--python",
                str(root / "bin" / "python"),
                *found,
                *PACKAGES,
            )
            (root / "ready").touch()
    return root / "bin" / "python"


def packages(interpreter: Path) -> Path:
    """Return where the packages of an interpreter lie."""
    (site,) = (interpreter.parent.parent / "lib").glob("python3*/site-packages")
    return site


def _uv(*arguments: str) -> None:
    answer = subprocess.run([find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    if answer.returncode:
        raise MissingPart(f"PyTorch cannot be installed here: {answer.stderr.strip()[-500:]}")
