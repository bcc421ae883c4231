"""``azureml.train``: v1's older ways to describe a run."""
