"""A Python with PyTorch; containers with the same Python are given its packages."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from parts import own_python

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("torch==2.13.0", "numpy")
INSIDE = "/opt/torch"
"""Where containers see the packages."""


def make() -> Path:
    """Make it unless it is there; return its interpreter."""
    found = [f"--find-links={place}" for place in os.environ.get("PIP_FIND_LINKS", "").split()]
    return own_python.made("torch", *found, *PACKAGES)


def packages(interpreter: Path) -> Path:
    """Return where the packages of an interpreter lie."""
    (site,) = (interpreter.parent.parent / "lib").glob("python3*/site-packages")
    return site
