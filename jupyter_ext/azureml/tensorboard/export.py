"""``azureml.tensorboard.export``."""

from __future__ import annotations

from jupyter_ext.core.runs.tensorboard import export_to_tensorboard

__all__ = ["export_to_tensorboard"]
