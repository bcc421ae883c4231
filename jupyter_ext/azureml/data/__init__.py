"""``azureml.data``: datasets, and what a run writes."""

from __future__ import annotations

from jupyter_ext.azureml.core import VERSION
from jupyter_ext.core.data.factory import DataType
from jupyter_ext.core.data.file_dataset import FileDataset
from jupyter_ext.core.data.output import OutputFileDatasetConfig
from jupyter_ext.core.data.tabular_dataset import TabularDataset

__version__ = VERSION
__all__ = ["DataType", "FileDataset", "OutputFileDatasetConfig", "TabularDataset"]
