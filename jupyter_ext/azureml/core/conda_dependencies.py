"""``azureml.core.conda_dependencies``."""

from __future__ import annotations

from jupyter_ext.core.environments.conda_dependencies import CondaDependencies

__all__ = ["CondaDependencies"]
