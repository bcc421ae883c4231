"""Pythons with packages that the tests' own has not, each made once on this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from uv import find_uv_bin

from parts import MissingPart, alone, folder

if TYPE_CHECKING:
    from pathlib import Path


def made(name: str, *asked: str) -> Path:
    """Make it unless it is there; return its interpreter.

    Parameters
    ----------
    name
        Tells it from the others.
    asked
        Packages, and options of ``uv pip install``.
    """
    root = folder() / f"{name}-{'.'.join(map(str, sys.version_info[:2]))}"
    python = root / "bin" / "python"
    with alone(root.name):
        if not (root / "ready").exists():
            shutil.rmtree(root, ignore_errors=True)
            _uv(name, "venv", "-q", "--python", sys.executable, str(root))
            _uv(name, "pip", "install", "-q", "--compile-bytecode", "--python", str(python), *asked)
            (root / "ready").touch()
    return python


def _uv(name: str, *arguments: str) -> None:
    answer = subprocess.run([find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    if answer.returncode:
        raise MissingPart(f"{name} cannot be installed here: {answer.stderr.strip()[-500:]}")
