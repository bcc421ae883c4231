"""``azureml.core.runconfig``."""

from __future__ import annotations

from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.container_registry import ContainerRegistry
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission.distributed import (
    MpiConfiguration,
    ParallelTaskConfiguration,
    PyTorchConfiguration,
    TensorflowConfiguration,
    TorchrunConfiguration,
)
from jupyter_ext.core.submission.runconfig import RunConfiguration
from jupyter_ext.core.submission.runconfig_data import Data, DataReferenceConfiguration, OutputData
from jupyter_ext.core.submission.runconfig_parts import DockerConfiguration, HistoryConfiguration
from jupyter_ext.store.default_images import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE

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
    "TorchrunConfiguration",
]

# v1's older names for the images that have MPI, which its default images have too
MPI_CPU_IMAGE = DEFAULT_CPU_IMAGE
MPI_GPU_IMAGE = DEFAULT_GPU_IMAGE
