"""``azureml.data.dataset_factory``."""

from __future__ import annotations

from jupyter_ext.core.data.factory import DataType, FileDatasetFactory, TabularDatasetFactory

__all__ = ["DataType", "FileDatasetFactory", "TabularDatasetFactory"]
