"""Times as v1 writes them."""

from __future__ import annotations

from datetime import datetime, timezone


def iso(seconds: float) -> str:
    """Return Unix seconds as ISO 8601 with microseconds, in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
