"""Text from scripts and builds, without what would make a terminal do anything but write and colour."""

from __future__ import annotations

import re

_COLOUR = r"\x1b\[[0-9;:]*m"
# A string to the terminal such as a title or the clipboard's content, a control sequence, any other escape. None goes
# beyond its line, so that one without an end hides no more than that.
_SEQUENCE = r"\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b(?!\[)[ -/]*[0-~]?"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]"

_ALL_BUT_COLOUR = re.compile(f"(?!{_COLOUR})(?:{_SEQUENCE})|{_CONTROL}")
_ALL = re.compile(rf"{_SEQUENCE}|{_CONTROL}|\r")
_BYTES = re.compile(_SEQUENCE.encode())


def coloured(text: str) -> str:
    """Return ``text`` with nothing but its colours, tabs, line ends and carriage returns."""
    return _ALL_BUT_COLOUR.sub("", text)


def plain(text: str) -> str:
    """Return ``text`` with nothing but its tabs and line ends."""
    return _ALL.sub("", text)


def plain_bytes(data: bytes) -> bytes:
    """Return UTF-8 text without its escape sequences."""
    return _BYTES.sub(b"", data) if b"\x1b" in data else data
