"""How sizes are spelled."""

from __future__ import annotations


def size_text(size: float) -> str:
    """Spell a number of bytes for people."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:  # noqa: PLR2004 - the step between decimal units
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
