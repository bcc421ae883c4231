"""What goes inside a run: the launcher of its ranks, the script's ``azureml.core``, and the MLflow plug-in."""
