"""``azureml.train.hyperdrive.runconfig``."""

from __future__ import annotations

from jupyter_ext.core.sweeps.config import (
    HyperDriveConfig,
    PrimaryMetricGoal,
)

HyperDriveRunConfig = HyperDriveConfig  # v1's older name

__all__ = [
    "HyperDriveConfig",
    "HyperDriveRunConfig",
    "PrimaryMetricGoal",
]
