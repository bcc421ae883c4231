"""What went wrong in a Python script, out of the traceback that it printed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

REASON_CHARACTERS = 500
"""A longer reason is cut."""

_BEGIN = "Traceback (most recent call last):"
_IGNORED = "Exception ignored in"
_FRAME = re.compile(r'\s*File "(.+)", line (\d+)')
_RAISED = re.compile(r"[A-Za-z_][\w.]*(?::\s|$)")
_RANK = re.compile(r"^\[rank\d+\]: ?")  # how PyTorch begins the lines of a rank's traceback
_MESSAGE = "\tMessage: "  # the second line of SDK v1's exceptions, whose first has only the class
_WORK_IN_CONTAINER = "/aml/run/work"
_MOST_AFTER = 20
"""A traceback with more lines after it was got over."""


@dataclass
class _Raised:
    text: str
    frames: list[tuple[str, str]]
    at: int


def blamed(lines: Sequence[str], work: Path) -> str | None:
    """Return the exception that a script ended with, and where: ``ValueError: shape (train.py:41)``.

    Parameters
    ----------
    lines
        The last that it printed.
    work
        Its working directory. Of the places that the traceback names, the innermost in it is told, since a library
        that complains was called from there.

    Returns
    -------
    str or None
        None where the lines do not end with a traceback.
    """
    lines = [_RANK.sub("", line) for line in lines]
    raised = list(_exceptions(lines))
    if not raised or len(lines) - raised[-1].at > _MOST_AFTER:
        return None
    roots = tuple(f"{root}{os.sep}" for root in (work, os.path.realpath(work), _WORK_IN_CONTAINER))
    places = [(_inside(file, roots), line) for file, line in raised[-1].frames]
    own = [f"{file}:{line}" for file, line in places if file]
    file, line = raised[-1].frames[-1]
    place = own[-1] if own else f"{os.path.basename(file)}:{line}"  # noqa: PTH119 - a path of another place
    return f"{raised[-1].text[:REASON_CHARACTERS]} ({place})"


def _exceptions(lines: Sequence[str]) -> Iterator[_Raised]:
    """Yield what was raised, each time; a SyntaxError of the script itself has no heading."""
    frames: list[tuple[str, str]] = []
    ignored = False
    for at, line in enumerate(lines):
        if line.strip() == _BEGIN:
            frames = []
            ignored = at > 0 and lines[at - 1].startswith(_IGNORED)
        elif match := _FRAME.match(line):
            frames.append((match[1], match[2]))
        elif frames and line and not line[0].isspace():
            if _RAISED.match(line) and not ignored:
                yield _Raised(_said(line, lines[at + 1 : at + 2]), frames, at)
            frames, ignored = [], False


def _said(line: str, following: Sequence[str]) -> str:
    """Return what an exception says; those of SDK v1 say it in a line of its own."""
    if not following or not following[0].startswith(_MESSAGE):
        return line
    return f"{line.rsplit(': ', maxsplit=1)[-1].rstrip(': ')}: {following[0][len(_MESSAGE) :]}"


def _inside(file: str, roots: Sequence[str]) -> str:
    """Return a file's path in the working directory, and nothing for one that lies elsewhere."""
    if not file.startswith(os.sep):
        return "" if file.startswith("<") else os.path.normpath(file)
    return next((file[len(root) :] for root in roots if file.startswith(root)), "")
