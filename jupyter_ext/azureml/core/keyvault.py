"""``azureml.core.keyvault``."""

from __future__ import annotations

from jupyter_ext.core.keyvault import Keyvault

__all__ = ["Keyvault"]
