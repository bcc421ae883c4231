"""``azureml.core.model``: the workspace's registered models."""

from jupyter_aml_run.models import Model

__all__ = ["Model"]
