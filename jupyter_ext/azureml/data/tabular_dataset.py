"""``azureml.data.tabular_dataset``."""

from __future__ import annotations

from jupyter_ext.core.data.tabular_dataset import TabularDataset

__all__ = ["TabularDataset"]
