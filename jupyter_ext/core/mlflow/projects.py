"""MLflow projects as runs of a workspace, as v1 has them: ``mlflow.projects.run(..., backend="azureml")``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow.exceptions import ExecutionException
from mlflow.projects import env_type
from mlflow.projects.backend.abstract_backend import AbstractBackend
from mlflow.projects.submitted_run import SubmittedRun
from mlflow.projects.utils import fetch_and_validate_project, load_project
from mlflow.tracking import MlflowClient
from mlflow.utils.environment import _PythonEnv
from mlflow.utils.mlflow_tags import MLFLOW_PROJECT_ENTRY_POINT

from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.mlflow_plugin.places import SCHEME, experiment_name, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_ext.core.runs.run import Run


class ProjectBackend(AbstractBackend):  # type: ignore[misc]
    """Submits a project's entry point with its environment.

    Its configuration is v1's: ``COMPUTE`` names the target, ``USE_CONDA`` False leaves the project's environment out
    and takes the notebook's own interpreter, and ``STREAM_OUTPUT`` False keeps quiet while a run is waited for.
    """

    def run(
        self,
        project_uri: str,
        entry_point: str,
        params: Mapping[str, Any],
        version: str | None,
        backend_config: Mapping[str, Any],
        tracking_uri: str,
        experiment_id: str,
    ) -> SubmittedProject:
        """Submit an entry point; what it logs with MLflow goes to the run.

        Raises
        ------
        ExecutionException
            MLflow does not track to a workspace, or the project has no such entry point.
        """
        if not tracking_uri.startswith(f"{SCHEME}:"):
            raise ExecutionException(
                f"MLflow tracks to {tracking_uri}, which is no workspace: call "
                "mlflow.set_tracking_uri(ws.get_mlflow_tracking_uri()) first."
            )
        folder = fetch_and_validate_project(project_uri, version, entry_point, params)
        project = load_project(folder)
        source = ScriptRunConfig(
            source_directory=folder,
            command=project.get_entry_point(entry_point).compute_command(params, None),
            compute_target=backend_config.get("COMPUTE"),
            environment=_environment(project, own=backend_config.get("USE_CONDA") is False),
        )
        workspace = Workspace.get(Path(path_of(tracking_uri)).name)
        run = Experiment(workspace, experiment_name(experiment_id)).submit(source)
        MlflowClient(tracking_uri).set_tag(run.id, MLFLOW_PROJECT_ENTRY_POINT, entry_point)
        return SubmittedProject(run, shown=bool(backend_config.get("STREAM_OUTPUT", True)))


class SubmittedProject(SubmittedRun):  # type: ignore[misc]
    """A project that has been submitted.

    Parameters
    ----------
    run
        Its run.
    shown
        Whether waiting for it shows what it prints.
    """

    def __init__(self, run: Run, *, shown: bool) -> None:
        super().__init__()
        self._run = run
        self._shown = shown

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self._run.id

    def wait(self) -> bool:
        """Wait for the end; tell whether the run has completed."""
        self._run.wait_for_completion(show_output=self._shown, raise_on_error=False)
        return bool(self._run.get_status() == "Completed")

    def get_status(self) -> str:
        """Return MLflow's word for how the run is."""
        return str(
            MlflowClient(self._run.experiment.workspace.get_mlflow_tracking_uri()).get_run(self.run_id).info.status
        )

    def cancel(self) -> None:
        """Ask for the run's end."""
        self._run.cancel()


def _environment(project: Any, *, own: bool) -> Environment:
    """Return a project's environment; the notebook's own interpreter where that is asked for, or it names none."""
    name = project.name or "project"
    if project.env_type == env_type.DOCKER:
        return Environment.from_docker_image(name, project.docker_env["image"])
    if project.env_config_path is None or own:
        environment = Environment(name)
        environment.python.user_managed_dependencies = True
        return environment
    if project.env_type == env_type.CONDA:
        return Environment.from_conda_specification(name, project.env_config_path)
    asked = _PythonEnv.from_yaml(project.env_config_path)
    environment = Environment(name)
    environment.python.conda_dependencies = CondaDependencies.create(
        python_version=asked.python, pip_packages=[*asked.build_dependencies, *asked.dependencies]
    )
    return environment
