"""``azureml.tensorboard``."""

from __future__ import annotations

from jupyter_ext.core.runs.tensorboard import Tensorboard

__all__ = ["Tensorboard"]
