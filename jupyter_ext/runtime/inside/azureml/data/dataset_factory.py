"""``azureml.data.dataset_factory`` inside a run: datasets of addresses and of files that the run can see."""

from jupyter_aml_run.making import FileDatasetFactory, TabularDatasetFactory

__all__ = ["FileDatasetFactory", "TabularDatasetFactory"]
