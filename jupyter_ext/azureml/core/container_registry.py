"""``azureml.core.container_registry``."""

from __future__ import annotations

from jupyter_ext.core.environment_parts import ContainerRegistry

__all__ = ["ContainerRegistry"]
