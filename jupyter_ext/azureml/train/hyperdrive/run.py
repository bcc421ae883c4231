"""``azureml.train.hyperdrive.run``."""

from __future__ import annotations

from jupyter_ext.core.sweeps.config import (
    PrimaryMetricGoal,
)
from jupyter_ext.core.sweeps.hyperdrive_run import (
    HyperDriveRun,
)

__all__ = [
    "HyperDriveRun",
    "PrimaryMetricGoal",
]
