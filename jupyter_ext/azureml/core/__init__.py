"""``azureml.core``: what most notebooks import; each noun is loaded when it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_ext.core.compute import ComputeTarget
    from jupyter_ext.core.container_registry import ContainerRegistry
    from jupyter_ext.core.dataset import Dataset
    from jupyter_ext.core.datastore import Datastore
    from jupyter_ext.core.environment import Environment
    from jupyter_ext.core.experiment import Experiment
    from jupyter_ext.core.keyvault import Keyvault
    from jupyter_ext.core.model import Model
    from jupyter_ext.core.run import Run
    from jupyter_ext.core.runconfig import RunConfiguration
    from jupyter_ext.core.script_run import ScriptRun
    from jupyter_ext.core.script_run_config import ScriptRunConfig
    from jupyter_ext.core.workspace import Workspace

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

_WHERE = {
    "ComputeTarget": "compute",
    "ContainerRegistry": "container_registry",
    "Dataset": "dataset",
    "Datastore": "datastore",
    "Environment": "environment",
    "Experiment": "experiment",
    "Keyvault": "keyvault",
    "Model": "model",
    "Run": "run",
    "RunConfiguration": "runconfig",
    "ScriptRun": "script_run",
    "ScriptRunConfig": "script_run_config",
    "Workspace": "workspace",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"jupyter_ext.core.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
