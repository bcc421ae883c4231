"""``azureml.core.compute``."""

from __future__ import annotations

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.other_compute import KubernetesCompute, RemoteCompute

__all__ = ["AmlCompute", "ComputeTarget", "KubernetesCompute", "RemoteCompute"]
