"""``azureml.data.azure_storage_datastore``."""

from __future__ import annotations

from jupyter_ext.core.data.datastore import Datastore as AzureBlobDatastore

__all__ = ["AzureBlobDatastore"]
