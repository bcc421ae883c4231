"""Train from a notebook: environments from a cell, the folder as a run, live logs, metrics and GPUs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_ext.azureml.widgets import RunDetails
    from jupyter_ext.core.computes.aml_compute import AmlCompute
    from jupyter_ext.core.computes.compute import ComputeTarget
    from jupyter_ext.core.data.dataset import Dataset
    from jupyter_ext.core.data.datastore import Datastore
    from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
    from jupyter_ext.core.environments.environment import Environment
    from jupyter_ext.core.models.model import Model
    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.runs.script_run import ScriptRun
    from jupyter_ext.core.submission.runconfig import RunConfiguration
    from jupyter_ext.core.submission.runconfig_parts import DockerConfiguration
    from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
    from jupyter_ext.core.workspaces.experiment import Experiment
    from jupyter_ext.core.workspaces.workspace import Workspace
    from jupyter_ext.engines.docker_engine import engine_answers
    from jupyter_ext.monitor import RunMonitor

__version__ = "0.1.0"

__all__ = [
    "AmlCompute",
    "ComputeTarget",
    "CondaDependencies",
    "Dataset",
    "Datastore",
    "DockerConfiguration",
    "Environment",
    "Experiment",
    "Model",
    "Run",
    "RunConfiguration",
    "RunDetails",
    "RunMonitor",
    "ScriptRun",
    "ScriptRunConfig",
    "Workspace",
    "engine_answers",
]

_WHERE = {
    "AmlCompute": "core.computes.aml_compute",
    "ComputeTarget": "core.computes.compute",
    "CondaDependencies": "core.environments.conda_dependencies",
    "DockerConfiguration": "core.submission.runconfig_parts",
    "Dataset": "core.data.dataset",
    "Datastore": "core.data.datastore",
    "Environment": "core.environments.environment",
    "Experiment": "core.workspaces.experiment",
    "Model": "core.models.model",
    "Run": "core.runs.run",
    "RunConfiguration": "core.submission.runconfig",
    "RunDetails": "azureml.widgets",
    "RunMonitor": "monitor",
    "ScriptRun": "core.runs.script_run",
    "ScriptRunConfig": "core.submission.script_run_config",
    "Workspace": "core.workspaces.workspace",
    "engine_answers": "engines.docker_engine",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tell a Jupyter server what to load."""
    return [{"module": "jupyter_ext.server"}]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Bring the magics, and let ``import azureml.core`` find our modules: ``%load_ext jupyter_ext``."""
    from jupyter_ext.magics import load  # noqa: PLC0415 - plain Python has no use for them

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take away what :func:`load_ipython_extension` brought."""
    from jupyter_ext.magics import unload  # noqa: PLC0415 - plain Python has no use for them

    unload(shell)
