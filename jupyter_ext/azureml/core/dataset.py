"""``azureml.core.dataset``."""

from __future__ import annotations

from jupyter_ext.core.data.dataset import Dataset

__all__ = ["Dataset"]
