"""``azureml.data.data_reference``."""

from __future__ import annotations

from jupyter_ext.core.data.path import DataReference

__all__ = ["DataReference"]
