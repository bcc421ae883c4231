"""``azureml.core``: what most notebooks import; each noun is loaded when it is asked for."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.core import short_errors as _short_errors

if TYPE_CHECKING:
    from jupyter_ext.core.computes.compute import ComputeTarget
    from jupyter_ext.core.data.dataset import Dataset
    from jupyter_ext.core.data.datastore import Datastore
    from jupyter_ext.core.environments.container_registry import ContainerRegistry
    from jupyter_ext.core.environments.environment import Environment
    from jupyter_ext.core.models.model import Model
    from jupyter_ext.core.runs.run import Run, get_run
    from jupyter_ext.core.runs.script_run import ScriptRun
    from jupyter_ext.core.submission.runconfig import RunConfiguration
    from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
    from jupyter_ext.core.workspaces.experiment import Experiment
    from jupyter_ext.core.workspaces.keyvault import Keyvault
    from jupyter_ext.core.workspaces.workspace import Workspace

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
    "get_run",
]

_short_errors.shorten_uncaught()  # in a notebook that knows of no %load_ext

# the release of the SDK whose behaviour these modules follow; notebooks print it and compare it
VERSION = __version__ = "1.61.0"

_WHERE = {
    "ComputeTarget": "computes.compute",
    "ContainerRegistry": "environments.container_registry",
    "Dataset": "data.dataset",
    "Datastore": "data.datastore",
    "Environment": "environments.environment",
    "Experiment": "workspaces.experiment",
    "Keyvault": "workspaces.keyvault",
    "Model": "models.model",
    "Run": "runs.run",
    "RunConfiguration": "submission.runconfig",
    "ScriptRun": "runs.script_run",
    "ScriptRunConfig": "submission.script_run_config",
    "Workspace": "workspaces.workspace",
    "get_run": "runs.run",
}


def __getattr__(name: str) -> Any:
    if Path(__file__).with_name(f"{name}.py").exists():  # v1 has imported its modules by now
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"jupyter_ext.core.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
