"""``azureml.data.output_dataset_config``."""

from __future__ import annotations

from jupyter_ext.core.dataset_output import OutputFileDatasetConfig

__all__ = ["OutputFileDatasetConfig"]
