"""``azureml.core.container_registry``."""

from __future__ import annotations

from jupyter_ext.core.environment import ContainerRegistry

__all__ = ["ContainerRegistry"]
