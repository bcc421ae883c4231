"""``azureml.core.runconfig``."""

from __future__ import annotations

from jupyter_ext.core.conda_dependencies import CondaDependencies
from jupyter_ext.core.container_registry import ContainerRegistry
from jupyter_ext.core.distributed import (
    MpiConfiguration,
    ParallelTaskConfiguration,
    PyTorchConfiguration,
    TensorflowConfiguration,
)
from jupyter_ext.core.environment import Environment
from jupyter_ext.core.environment_parts import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE
from jupyter_ext.core.runconfig import RunConfiguration
from jupyter_ext.core.runconfig_data import Data, DataReferenceConfiguration, OutputData
from jupyter_ext.core.runconfig_parts import DockerConfiguration, HistoryConfiguration

__all__ = [
    "DEFAULT_CPU_IMAGE",
    "DEFAULT_GPU_IMAGE",
    "MPI_CPU_IMAGE",
    "MPI_GPU_IMAGE",
    "CondaDependencies",
    "ContainerRegistry",
    "Data",
    "DataReferenceConfiguration",
    "DockerConfiguration",
    "Environment",
    "HistoryConfiguration",
    "MpiConfiguration",
    "OutputData",
    "ParallelTaskConfiguration",
    "PyTorchConfiguration",
    "RunConfiguration",
    "TensorflowConfiguration",
]

# v1's older names for the images that have MPI, which its default images have too
MPI_CPU_IMAGE = DEFAULT_CPU_IMAGE
MPI_GPU_IMAGE = DEFAULT_GPU_IMAGE
