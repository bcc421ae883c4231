"""``azureml.core.run``."""

from __future__ import annotations

from jupyter_ext.core.runs.run import Run

__all__ = ["Run"]
