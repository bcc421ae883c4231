"""A Python with another version of Ray than the one that is tested with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parts import own_python

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "2.59.0"


def make() -> Path:
    """Make it unless it is there; return its interpreter. It has Ray as our extra brings it, without Ray's client."""
    return own_python.made(f"ray-alone-{VERSION}", f"ray=={VERSION}")
