"""``azureml.core``: what most notebooks import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext.core.compute import ComputeTarget
from jupyter_ext.core.container_registry import ContainerRegistry
from jupyter_ext.core.environment import Environment
from jupyter_ext.core.experiment import Experiment
from jupyter_ext.core.keyvault import Keyvault
from jupyter_ext.core.model import Model
from jupyter_ext.core.run import Run
from jupyter_ext.core.runconfig import RunConfiguration
from jupyter_ext.core.script_run import ScriptRun
from jupyter_ext.core.script_run_config import ScriptRunConfig
from jupyter_ext.core.workspace import Workspace

if TYPE_CHECKING:
    from jupyter_ext.core.dataset import Dataset
    from jupyter_ext.core.datastore import Datastore

__all__ = [
    "VERSION",
    "ComputeTarget",
    "ContainerRegistry",
    "Dataset",
    "Datastore",
    "Environment",
    "Experiment",
    "Keyvault",
    "Model",
    "Run",
    "RunConfiguration",
    "ScriptRun",
    "ScriptRunConfig",
    "Workspace",
]

# the release of the SDK whose behaviour these modules follow; notebooks print it and compare it
VERSION = __version__ = "1.61.0"


def __getattr__(name: str) -> Any:
    """Import what stands for data when it is asked for: most notebooks have none, and all wait for this module."""
    if name == "Dataset":
        from jupyter_ext.core.dataset import Dataset  # noqa: PLC0415 - as told above

        return Dataset
    if name == "Datastore":
        from jupyter_ext.core.datastore import Datastore  # noqa: PLC0415 - as told above

        return Datastore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
