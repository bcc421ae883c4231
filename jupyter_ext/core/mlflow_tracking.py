"""What MLflow finds of this package when it is imported: little, as it looks in every process."""

from __future__ import annotations

from typing import Any


def tracking_store(store_uri: str, artifact_uri: str | None = None) -> Any:
    """Give the tracking store of a workspace of this machine."""
    from .mlflow_store import WorkspaceStore  # noqa: PLC0415 - as told above

    return WorkspaceStore(store_uri, artifact_uri)
