"""``azureml.data.dataset_consumption_config``."""

from __future__ import annotations

from jupyter_ext.core.data.consumption import DatasetConsumptionConfig

__all__ = ["DatasetConsumptionConfig"]
