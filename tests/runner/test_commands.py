"""What v1's notebooks give a run besides a script: commands, variables in arguments, an environment, a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from parts.submitting import Folder, reason, said

from jupyter_ext.core.environments.environment import Environment

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.core.workspaces.workspace import Workspace

SCRIPT = "import os, sys\nprint(sys.argv[1:], os.environ['GREETING'], os.environ['AZUREML_RUN_ID'])\n"


@pytest.fixture(params=["process", pytest.param("container", marks=pytest.mark.docker)])
def held(request: pytest.FixtureRequest, tmp_path: Path, workspace: Workspace) -> tuple[Folder, dict[str, Any]]:
    """A folder, and the environment in which its scripts run: none, or an image."""
    if request.param == "process":
        request.getfixturevalue("no_engine")
        return Folder(tmp_path / "src", workspace), {}
    image = request.getfixturevalue("base_image")
    return Folder(tmp_path / "src", workspace), {"environment": Environment.from_docker_image("boxed", image)}


def submitted(held: tuple[Folder, dict[str, Any]], **given: Any) -> Any:
    folder, environment = held
    folder.write(SCRIPT)
    config = folder.config(**given, **environment)
    config.run_config.environment_variables["GREETING"] = "hello you"
    run = folder.experiment.submit(config)
    run.wait_for_completion(raise_on_error=False)
    return run


def test_variables_in_arguments(held: tuple[Folder, dict[str, Any]]) -> None:
    run = submitted(held, script="train.py", arguments=["--rank", "$AZ_BATCHAI_TASK_INDEX", "${GREETING}!", "$NONE"])
    assert said(run) == f"['--rank', '0', 'hello you!', '$NONE'] hello you {run.id}\n"


@pytest.mark.parametrize(
    "command",
    [
        'python train.py --greet "$GREETING" && echo $AZUREML_RUN_ID | wc -l',
        ["python", "train.py", "--greet", '"$GREETING"', "&&", "echo", "$AZUREML_RUN_ID", "|", "wc", "-l"],
    ],
    ids=["text", "list"],
)
def test_a_command_runs_in_a_shell(held: tuple[Folder, dict[str, Any]], command: Any) -> None:
    run = submitted(held, command=command)
    assert run.get_status() == "Completed"
    assert said(run) == f"['--greet', 'hello you'] hello you {run.id}\n1\n"


def test_a_command_that_fails(held: tuple[Folder, dict[str, Any]]) -> None:
    run = submitted(held, command="echo nearly && false && echo never")
    assert (run.get_status(), said(run)) == ("Failed", "nearly\n")


def test_a_run_may_last_no_longer(held: tuple[Folder, dict[str, Any]]) -> None:
    run = submitted(held, command="echo on; sleep 300 & wait", max_run_duration_seconds=2)
    assert reason(run) == "It ran longer than max_run_duration_seconds allows (2 s)."
    assert said(run) == "on\n"
