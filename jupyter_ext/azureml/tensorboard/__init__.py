"""``azureml.tensorboard``."""

from __future__ import annotations

from jupyter_ext.core.tensorboard import Tensorboard

__all__ = ["Tensorboard"]
