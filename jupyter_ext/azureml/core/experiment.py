"""``azureml.core.experiment``."""

from __future__ import annotations

from jupyter_ext.core.workspaces.experiment import Experiment

__all__ = ["Experiment"]
