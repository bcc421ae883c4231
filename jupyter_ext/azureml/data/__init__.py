"""``azureml.data``: datasets, and what a run writes."""

from __future__ import annotations

from jupyter_ext.core.dataset_factory import DataType
from jupyter_ext.core.dataset_output import OutputFileDatasetConfig
from jupyter_ext.core.file_dataset import FileDataset
from jupyter_ext.core.tabular_dataset import TabularDataset

__all__ = ["DataType", "FileDataset", "OutputFileDatasetConfig", "TabularDataset"]
