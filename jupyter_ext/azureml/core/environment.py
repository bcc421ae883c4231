"""``azureml.core.environment``."""

from __future__ import annotations

from jupyter_ext.core.environments.building import DockerImageDetails, ImageBuildDetails
from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.container_registry import ContainerRegistry
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.environments.parts import (
    DatabricksSection,
    DockerBuildContext,
    DockerImagePlatform,
    DockerSection,
    PythonSection,
    SparkSection,
)
from jupyter_ext.store.default_images import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE

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
