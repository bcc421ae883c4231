"""What the user should know and need not act on."""

from __future__ import annotations

from typing import Any

_told: set[str] = set()


def notice(text: str) -> None:
    """Print one line. A Python warning would show our own source line, and be silent the second time."""
    print(f"Note: {text}", flush=True)  # noqa: T201 - it is for the user


def notice_once(text: str) -> None:
    """Print one line, once in a notebook."""
    if text not in _told:
        _told.add(text)
        notice(text)


def ignored(what: str, **given: Any) -> None:
    """Say, once in a notebook for each kind, that parameters of v1 are accepted and mean nothing here.

    Parameters
    ----------
    what
        The kind: ``virtual networks and accounts``, say.
    **given
        The parameters; those that are None or empty were not given.
    """
    names = [name for name, value in given.items() if value]
    if names and what not in _told:
        _told.add(what)
        notice(f"{', '.join(names)}: {what} mean nothing on this machine, so they are ignored.")
