"""``azureml.core.environment``."""

from __future__ import annotations

from jupyter_ext.core.conda_dependencies import CondaDependencies
from jupyter_ext.core.container_registry import ContainerRegistry
from jupyter_ext.core.environment import Environment
from jupyter_ext.core.environment_build import DockerImageDetails, ImageBuildDetails
from jupyter_ext.core.environment_parts import (
    DEFAULT_CPU_IMAGE,
    DEFAULT_GPU_IMAGE,
    DatabricksSection,
    DockerBuildContext,
    DockerImagePlatform,
    DockerSection,
    PythonSection,
    SparkSection,
)

__all__ = [
    "DEFAULT_CPU_IMAGE",
    "DEFAULT_GPU_IMAGE",
    "CondaDependencies",
    "ContainerRegistry",
    "DatabricksSection",
    "DockerBuildContext",
    "DockerImageDetails",
    "DockerImagePlatform",
    "DockerSection",
    "Environment",
    "ImageBuildDetails",
    "PythonSection",
    "SparkSection",
]
