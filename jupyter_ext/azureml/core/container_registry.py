"""``azureml.core.container_registry``."""

from __future__ import annotations

from jupyter_ext.core.environments.container_registry import ContainerRegistry

__all__ = ["ContainerRegistry"]
