"""``azureml.core.model``."""

from __future__ import annotations

from jupyter_ext.core.models.model import Model
from jupyter_ext.core.models.serving import InferenceConfig

__all__ = ["InferenceConfig", "Model"]
