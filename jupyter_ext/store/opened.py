"""Where an open file lies: a path that was looked at may lead elsewhere the next moment, an open file does not."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

_LONGEST = 1024  # what macOS writes a path into


def lies_in(file: int, folder: Path) -> bool:
    """Tell whether an open file or folder lies within a folder, which leads through no link."""
    if sys.platform == "darwin":
        place = os.fsdecode(fcntl.fcntl(file, fcntl.F_GETPATH, bytes(_LONGEST)).rstrip(b"\0"))
    else:
        place = os.readlink(f"/proc/self/fd/{file}")  # noqa: PTH115 - no file of a disk
    return Path(place).is_relative_to(folder)
