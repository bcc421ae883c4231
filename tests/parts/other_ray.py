"""A Python with another version of Ray than the one that is tested with, made once on this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from parts import MissingPart, alone, folder

VERSION = "2.59.0"


def make() -> Path:
    """Make it unless it is there; return its interpreter."""
    root = folder() / f"ray-{VERSION}-{'.'.join(map(str, sys.version_info[:2]))}"
    with alone("other-ray"):
        if not (root / "ready").exists():
            shutil.rmtree(root, ignore_errors=True)
            _uv("venv", "-q", "--python", sys.executable, str(root))
            _uv(
                "pip",
                "install",
                "-q",
                "--compile-bytecode",
                "--python",
                str(root / "bin" / "python"),
                f"ray[client]=={VERSION}",
            )
            (root / "ready").touch()
    return root / "bin" / "python"


def _uv(*arguments: str) -> None:
    answer = subprocess.run([find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    if answer.returncode:
        raise MissingPart(f"no other Ray can be installed here: {answer.stderr.strip()}")
