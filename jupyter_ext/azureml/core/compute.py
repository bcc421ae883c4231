"""``azureml.core.compute``."""

from __future__ import annotations

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.computes.compute_instance import ComputeInstance
from jupyter_ext.core.computes.other_compute import (
    AdlaCompute,
    AksCompute,
    BatchCompute,
    DatabricksCompute,
    DataFactoryCompute,
    HDInsightCompute,
    KubernetesCompute,
    RemoteCompute,
    SynapseCompute,
)
from jupyter_ext.core.computes.ray_compute import RayCompute

__all__ = [
    "AdlaCompute",
    "AksCompute",
    "AmlCompute",
    "BatchCompute",
    "ComputeInstance",
    "ComputeTarget",
    "DataFactoryCompute",
    "DatabricksCompute",
    "HDInsightCompute",
    "KubernetesCompute",
    "RayCompute",
    "RemoteCompute",
    "SynapseCompute",
]
