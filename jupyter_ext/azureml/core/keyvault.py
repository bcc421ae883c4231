"""``azureml.core.keyvault``."""

from __future__ import annotations

from jupyter_ext.core.workspaces.keyvault import Keyvault

__all__ = ["Keyvault"]
