"""``azureml.core.datastore``."""

from __future__ import annotations

from jupyter_ext.core.data.datastore import Datastore

__all__ = ["Datastore"]
