"""``azureml.core.dataset`` inside a run: the datasets that the run was given."""

from jupyter_aml_run.making import Dataset

__all__ = ["Dataset"]
