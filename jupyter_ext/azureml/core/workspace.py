"""``azureml.core.workspace``."""

from __future__ import annotations

from jupyter_ext.core.workspaces.workspace import Workspace

__all__ = ["Workspace"]
