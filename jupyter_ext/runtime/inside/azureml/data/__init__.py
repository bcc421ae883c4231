"""``azureml.data`` inside a run: the kinds of datasets that a script may be given."""

from jupyter_aml_run.file_data import FileData as FileDataset
from jupyter_aml_run.steps import TabularData as TabularDataset

__all__ = ["FileDataset", "TabularDataset"]
