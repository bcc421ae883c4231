"""``azureml.core.compute``."""

from __future__ import annotations

from jupyter_ext.core.compute import AmlCompute, ComputeTarget

__all__ = ["AmlCompute", "ComputeTarget"]
