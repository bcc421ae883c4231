"""What the user should know and need not act on."""

from __future__ import annotations


def notice(text: str) -> None:
    """Print one line. A Python warning would show our own source line, and be silent the second time."""
    print(f"Note: {text}", flush=True)  # noqa: T201 - it is for the user
