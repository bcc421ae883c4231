"""``azureml.core.webservice``: what names a deployment; deploying is refused."""

from __future__ import annotations

from jupyter_ext.core.models.serving import AciWebservice, AksWebservice, LocalWebservice, Webservice
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import WebserviceException

__all__ = ["AciWebservice", "AksWebservice", "LocalWebservice", "Webservice", "WebserviceException"]
