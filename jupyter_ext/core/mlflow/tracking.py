"""What MLflow finds of this package when it is imported: little, as it looks in every process."""

from __future__ import annotations

import os
from typing import Any


def tracking_store(store_uri: str, artifact_uri: str | None = None) -> Any:
    """Give the tracking store of a workspace of this machine."""
    from .store import WorkspaceStore  # noqa: PLC0415 - as told above

    return WorkspaceStore(store_uri, artifact_uri)


def model_registry(store_uri: str, tracking_uri: str | None = None) -> Any:
    """Give the registered models of a workspace of this machine; a run asks its runner for them."""
    if os.environ.get("AML_RUN_DIR"):
        from jupyter_ext.runtime.inside.jupyter_aml_run.mlflow_plugin.registry import Registry  # noqa: PLC0415 - as told above

        return Registry(store_uri, tracking_uri)
    from .registry import WorkspaceRegistry  # noqa: PLC0415 - as told above

    return WorkspaceRegistry(store_uri, tracking_uri)
