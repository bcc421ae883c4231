"""``azureml.core.dataset``."""

from __future__ import annotations

from jupyter_ext.core.dataset import Dataset

__all__ = ["Dataset"]
