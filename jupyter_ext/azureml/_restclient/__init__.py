"""``azureml._restclient``: the one name of it that notebooks use."""
