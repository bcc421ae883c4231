"""``azureml.data.abstract_dataset``."""

from __future__ import annotations

from jupyter_ext.core.data.base import AbstractDataset

__all__ = ["AbstractDataset"]
