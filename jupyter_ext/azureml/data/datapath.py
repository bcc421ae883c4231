"""``azureml.data.datapath``."""

from __future__ import annotations

from jupyter_ext.core.data.path import DataPath, DataPathComputeBinding

__all__ = ["DataPath", "DataPathComputeBinding"]
