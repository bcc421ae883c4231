"""``azureml.core.compute_target``."""

from __future__ import annotations

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ComputeTargetException

__all__ = ["ComputeTargetException"]
