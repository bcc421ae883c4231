"""``azureml.data.file_dataset``."""

from __future__ import annotations

from jupyter_ext.core.data.file_dataset import FileDataset

__all__ = ["FileDataset"]
