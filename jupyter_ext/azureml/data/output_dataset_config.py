"""``azureml.data.output_dataset_config``."""

from __future__ import annotations

from jupyter_ext.core.data.output import OutputFileDatasetConfig

__all__ = ["OutputFileDatasetConfig"]
