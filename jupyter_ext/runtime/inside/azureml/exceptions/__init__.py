"""SDK v1's exceptions, which are the product's own."""

from jupyter_aml_run import exceptions as _exceptions

globals().update(
    (name, value)
    for name, value in vars(_exceptions).items()
    if isinstance(value, type) and issubclass(value, _exceptions.AzureMLException)
)
