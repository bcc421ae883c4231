"""``azureml.core.model``."""

from __future__ import annotations

from jupyter_ext.core.models.model import Model

__all__ = ["Model"]
