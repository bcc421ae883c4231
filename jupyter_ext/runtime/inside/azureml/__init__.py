"""SDK v1's import path inside a run; other ``azureml`` packages that are installed stay importable."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
