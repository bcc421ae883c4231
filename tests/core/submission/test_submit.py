from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from parts.submitting import Folder, reason, said

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission.distributed import MpiConfiguration, PyTorchConfiguration, TensorflowConfiguration
from jupyter_ext.core.submission.runconfig import RunConfiguration
from jupyter_ext.core.submission.runconfig_parts import DockerConfiguration
from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    AzureMLException,
    ComputeTargetException,
    EngineNotAnswering,
    ExperimentExecutionException,
    UserErrorException,
)

DEFAULT_MODULE = "print('hi')\n"


def refused(folder: Folder, kind: type[AzureMLException], config: ScriptRunConfig, **kwargs: Any) -> str:
    """Submit what must be refused; return the message, having made sure that nothing was made."""
    with pytest.raises(kind) as caught:
        folder.experiment.submit(config, **kwargs)
    paths = folder.experiment.workspace._paths
    assert not paths.runs.exists()
    assert not paths.snapshots.exists()
    assert "\n" not in caught.value.message
    return caught.value.message


def test_a_missing_script(folder: Folder) -> None:
    folder.write("", "main.py")
    message = refused(folder, ExperimentExecutionException, folder.config(script="train.py"))
    assert message == (
        f"There is no script train.py in {folder.path} (there: main.py). Did you mean 'main.py'? "
        "Its path is relative to the source directory."
    )
    message = refused(folder, UserErrorException, folder.config())
    assert message.startswith("Neither a script nor a command is given")


def test_a_script_outside_the_folder(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("")
    for script in ("../other.py", str(tmp_path / "other.py")):
        message = refused(folder, ExperimentExecutionException, folder.config(script=script))
        assert "lies outside the source directory" in message


def test_a_script_that_the_ignore_file_leaves_out(folder: Folder) -> None:
    folder.write("", "train.py")
    folder.write("*.py\n", ".amlignore")
    message = refused(folder, ExperimentExecutionException, folder.config(script="train.py"))
    assert "would not be sent" in message
    assert "!train.py" in message


def test_a_missing_folder(folder: Folder, tmp_path: Path) -> None:
    message = refused(folder, UserErrorException, ScriptRunConfig(str(tmp_path / "nope"), "train.py"))
    assert message == (f"The source directory {tmp_path}/nope is not there: name the folder that holds the script.")
    (tmp_path / "file").write_text("")
    message = refused(folder, UserErrorException, ScriptRunConfig(str(tmp_path / "file"), "train.py"))
    assert "is a file" in message


@pytest.mark.parametrize("name", ["", "a b", "a.b", "-a", "a/b", "ü", "a" * 256, "../x", "abc\n", None, 3])
def test_a_bad_experiment_name(workspace: Workspace, name: Any) -> None:
    with pytest.raises(UserErrorException, match="cannot be an experiment's name: use 1 to 255 letters"):
        Experiment(workspace, name)
    assert workspace.experiments == {}


def test_an_experiment_is_made_at_once(workspace: Workspace) -> None:
    first = Experiment(workspace, "a-B_1")
    assert Experiment(workspace, "a-B_1").id == first.id
    assert list(workspace.experiments) == ["a-B_1"]


def test_an_unknown_compute_target(folder: Folder) -> None:
    message = refused(folder, ComputeTargetException, folder.config(DEFAULT_MODULE, compute_target="gpu"))
    assert message == (
        "ComputeTargetNotFound: there is no compute target 'gpu' in 'test-ws' (there: local). "
        "Make it with %aml compute add or ComputeTarget.create, or use 'local'."
    )


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (0, "needs at least 1"),
        (-1, "needs at least 1"),
        ("two", "a whole number, not 'two'"),
        (2, "has 1: ask for fewer"),
    ],
)
def test_numbers_of_nodes_that_cannot_be(folder: Folder, nodes: Any, message: str) -> None:
    config = folder.config(DEFAULT_MODULE)
    config.run_config.node_count = nodes
    assert message in refused(folder, UserErrorException, config)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"communicator": "Bogus"}, "communicator is one of None, IntelMpi, OpenMpi, Mpi, ParameterServer, Nccl, Gloo"),
        ({"framework": "PySpark"}, "framework is one of Python, PyTorch, TensorFlow, CNTK, not 'PySpark'"),
    ],
)
def test_launchers_that_there_are_not(folder: Folder, given: dict[str, str], message: str) -> None:
    config = folder.config(DEFAULT_MODULE, run_config=RunConfiguration(**given))
    assert message in refused(folder, UserErrorException, config)


@pytest.mark.parametrize(
    ("distribution", "message"),
    [
        (MpiConfiguration(0), "process_count_per_node is a whole number from 1 on, not 0"),
        (PyTorchConfiguration("gloo", 3, 2), "3 processes cannot be dealt out evenly to 2 nodes: ask for 2, 4"),
        (TensorflowConfiguration(2, -1), "parameter_server_count is a whole number from 0 on"),
    ],
)
def test_numbers_of_processes_that_cannot_be(folder: Folder, distribution: Any, message: str) -> None:
    pair = AmlCompute.provisioning_configuration(max_nodes=2)
    target = ComputeTarget.create(folder.experiment.workspace, "pair", pair)
    config = folder.config(DEFAULT_MODULE, compute_target=target, distributed_job_config=distribution)
    assert message in refused(folder, UserErrorException, config)


def test_mpi_without_mpirun(folder: Folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    config = folder.config(DEFAULT_MODULE, distributed_job_config=MpiConfiguration(2))
    assert "There is no mpirun on this machine: install Open MPI" in refused(folder, UserErrorException, config)


def test_a_particular_image_without_an_engine(folder: Folder) -> None:
    environment = Environment.from_docker_image("fastai", "fastdotai/fastai2:latest")
    message = refused(folder, EngineNotAnswering, folder.config(DEFAULT_MODULE, environment=environment))
    assert message.startswith("Environment 'fastai' needs a container. No container engine answers at unix:///")
    assert "Start" in message
    assert "DOCKER_HOST" in message
    dockerfile = Environment.from_dockerfile("own", "FROM python:3.11\n")
    refused(folder, EngineNotAnswering, folder.config(DEFAULT_MODULE, environment=dockerfile))


@pytest.mark.parametrize(
    "arguments", [["--frobnicate"], ["--cpus", "many"], ["-v", "/data"], ["--ulimit", "x"], ["stray"]]
)
def test_bad_docker_arguments(folder: Folder, arguments: list[str]) -> None:
    docker = DockerConfiguration(use_docker=True, arguments=arguments)
    config = folder.config(DEFAULT_MODULE, docker_runtime_config=docker)
    assert "docker argument" in refused(folder, UserErrorException, config)


def test_arguments_that_are_no_text(folder: Folder) -> None:
    message = refused(folder, UserErrorException, folder.config(DEFAULT_MODULE, arguments=[object()]))
    assert message.startswith("An argument is text or a number, not a object")


@pytest.mark.parametrize("run_id", ["", "a/b", "..", "a b"])
def test_bad_run_ids(folder: Folder, run_id: str) -> None:
    assert "run id" in refused(folder, UserErrorException, folder.config(DEFAULT_MODULE), run_id=run_id)


def test_values_of_the_wrong_type(folder: Folder) -> None:
    config = folder.config(DEFAULT_MODULE)
    config.run_config.max_run_duration_seconds = "soon"  # type: ignore[assignment]
    with pytest.raises(UserErrorException, match="wrong type"):
        folder.experiment.submit(config)
    assert not folder.experiment.workspace._paths.runs.exists()


def test_what_is_not_a_configuration(folder: Folder) -> None:
    with pytest.raises(UserErrorException, match="a HyperDriveConfig, not a str"):
        folder.experiment.submit("train.py")


def test_a_submission_that_cannot_be_written_leaves_no_half_a_run(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_ext.store import beginning

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(beginning, "hand_over", fail)
    with pytest.raises(OSError, match="No space"):
        folder.submit(DEFAULT_MODULE)
    assert list(folder.experiment.workspace._paths.runs.iterdir()) == []


def test_a_run_id_of_ones_own_is_used_once(folder: Folder) -> None:
    run = folder.experiment.submit(folder.config(DEFAULT_MODULE), run_id="my-run_1.0", tags={"a": 1}, show_output=True)
    assert (run.id, run.tags, run.number) == ("my-run_1.0", {"a": "1"}, 1)
    with pytest.raises(UserErrorException, match=r"is a run my-run_1\.0 already"):
        folder.experiment.submit(folder.config(DEFAULT_MODULE), run_id="my-run_1.0")
    run.wait_for_completion()


def test_an_id_has_v1s_form(folder: Folder) -> None:
    run = folder.submit(DEFAULT_MODULE)
    experiment, seconds, digits = run.id.rsplit("_", 2)
    assert (experiment, len(digits), seconds.isdigit()) == ("exp", 8, True)
    run.wait_for_completion()


def test_the_snapshot_runs_and_not_the_folder(folder: Folder) -> None:
    folder.write("VALUE = 'as submitted'\n", "pkg/helper.py")
    script = folder.write("from helper import VALUE\nprint(VALUE, __file__)\n", "pkg/train.py")
    run = folder.experiment.submit(folder.config(script=str(folder.path / script), arguments=[]))
    folder.write("VALUE = 'changed'\n", "pkg/helper.py")
    run.wait_for_completion()
    assert said(run) == f"as submitted {run.paths.work}/pkg/train.py\n"


def test_arguments_arrive_as_they_were_given(folder: Folder) -> None:
    script = "import sys; print(sys.argv[1:])\n"
    run = folder.submit(script, arguments=["--lr", 0.1, "a b", "", "$HOME_IS_NOT_SET", 3, True, "ü'\""])
    run.wait_for_completion()
    assert said(run) == "['--lr', '0.1', 'a b', '', '$HOME_IS_NOT_SET', '3', 'True', 'ü\\'\"']\n"


def test_a_command_runs_in_a_shell(folder: Folder) -> None:
    folder.write("print('from a')\n", "a.py")
    configuration = RunConfiguration(command="python a.py && echo $GREETING")
    configuration.environment_variables = {"GREETING": "hello"}
    run = folder.experiment.submit(folder.config(run_config=configuration))
    run.wait_for_completion()
    assert said(run) == "from a\nhello\n"


def test_variables_need_no_environment_of_their_own(folder: Folder) -> None:
    config = folder.config("import os, sys; print(os.environ['A'], os.environ['B'], sys.executable)\n")
    config.run_config.environment.environment_variables["A"] = "1"
    config.run_config.environment_variables["B"] = "2"
    run = folder.experiment.submit(config)
    run.wait_for_completion()
    assert said(run).startswith("1 2 ")


def test_a_user_managed_environment_is_the_notebooks_python(folder: Folder) -> None:
    environment = Environment("mine")
    environment.python.user_managed_dependencies = True
    run = folder.submit("import msgspec, sys; print(sys.version_info[:2])\n", environment=environment)
    run.wait_for_completion()


def test_secret_variables_are_seen_and_never_written(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTER_API_KEY", "outer-5ecret")
    environment = Environment("mine")
    environment.python.user_managed_dependencies = True
    environment.environment_variables = {"FOO_TOKEN": "inner-5ecret", "PLAIN": "plain"}
    script = (
        "import os\nprint([len(os.environ[n]) for n in ('FOO_TOKEN', 'OUTER_API_KEY', 'BAR_PASSWORD')], flush=True)\n"
        "import time\nwhile not os.path.exists('outputs/go'): time.sleep(0.02)\n"
    )
    config = folder.config(script, environment=environment)
    config.run_config.environment_variables = {"BAR_PASSWORD": "third-5ecret"}
    run = folder.experiment.submit(config)
    from parts.submitting import until

    until(lambda: said(run) == "[12, 12, 12]\n" or run.get_status() == "Failed")
    until(lambda: not run.paths.handed.exists())
    written = {file: file.read_bytes() for file in run.paths.root.rglob("*") if file.is_file()}
    assert [file for file, data in written.items() if b"5ecret" in data] == []
    assert b"plain" in written[run.paths.run_json]
    assert run.get_details()["runDefinition"]["environmentVariables"] == {"BAR_PASSWORD": "***"}
    assert "5ecret" not in repr(run.get_details())
    (run.paths.outputs / "go").touch()
    run.wait_for_completion()


def test_secret_variables_are_only_for_their_owner_until_then(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_ext.store import beginning

    monkeypatch.setattr(beginning, "start_runner", lambda _: None)
    run = folder.submit(DEFAULT_MODULE)
    assert run.paths.handed.stat().st_mode & 0o777 == 0o600


def test_a_registry_password_is_written_nowhere(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_ext.store import beginning

    environment = Environment("mine")
    environment.python.user_managed_dependencies = True
    environment.docker.base_image_registry.password = "5ecret"
    monkeypatch.setattr(beginning, "start_runner", lambda _: None)
    run = folder.submit(DEFAULT_MODULE, environment=environment)
    files = [file for file in run.paths.root.rglob("*") if file.is_file() and b"5ecret" in file.read_bytes()]
    assert files == []
    assert run.paths.handed.stat().st_mode & 0o777 == 0o600


def test_what_looks_like_a_secret_is_warned_of(folder: Folder, says: Callable[[str], Any]) -> None:
    folder.write("A=1\n", ".env")
    with says(r"looks like a secret: \.env \(its name\).*\.amlignore"):
        run = folder.submit(DEFAULT_MODULE)
    run.wait_for_completion()


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    answer = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def test_git_properties(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    folder.write(DEFAULT_MODULE)
    root = folder.path.parent
    git(root, "init", "-q")
    git(root, "add", "src")
    git(root, "commit", "-q", "-m", "x")
    git(root, "remote", "add", "origin", "https://me:p@5ecret@example.com/a/b.git")
    commit = git(root, "rev-parse", "HEAD")
    (root / "elsewhere.txt").write_text("dirt outside the source directory")
    run = folder.submit(script="train.py")
    assert {key: value for key, value in run.properties.items() if "git" in key} == {
        "azureml.git.repository_uri": "https://example.com/a/b.git",
        "azureml.git.branch": "main",
        "azureml.git.commit": commit,
        "azureml.git.dirty": "False",
        "mlflow.source.git.repoURL": "https://example.com/a/b.git",
        "mlflow.source.git.branch": "main",
        "mlflow.source.git.commit": commit,
    }
    run.wait_for_completion()
    folder.write("print('changed')\n")
    git(root, "checkout", "-q", "--detach")
    monkeypatch.setenv("AZUREML_GIT_COMMIT", "given")
    run = folder.submit(script="train.py")
    assert run.properties["azureml.git.dirty"] == "True"
    assert run.properties["azureml.git.commit"] == run.properties["mlflow.source.git.commit"] == "given"
    assert "azureml.git.branch" not in run.properties
    run.wait_for_completion()


def test_no_git_no_properties(folder: Folder) -> None:
    run = folder.submit(DEFAULT_MODULE)
    assert not [key for key in run.properties if "git" in key]
    run.wait_for_completion()


def test_a_program_that_is_not_there(folder: Folder) -> None:
    run = folder.submit(command="no-such-program --x")
    run.wait_for_completion(raise_on_error=False)
    assert "no-such-program" in reason(run)


def test_a_secret_among_the_docker_arguments_is_written_nowhere(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_ext.store import beginning

    monkeypatch.setattr(beginning, "start_runner", lambda _: None)
    environment = Environment("mine")
    environment.docker.arguments = [
        "-e",
        "WANDB_API_KEY=5ecret",
        "--ipc=host",
        "--env=OTHER_TOKEN=5ecret",
        "-e",
        "A=b c",
    ]
    run = folder.submit(DEFAULT_MODULE, environment=environment)
    assert not [file for file in run.paths.root.rglob("*") if file.is_file() and b"5ecret" in file.read_bytes()]
    asked = json.loads(run.paths.run_json.read_text())
    assert asked["docker_arguments"] == ["--ipc=host", "-e", "A=b c"]
    assert asked["hidden_variables"] == ["OTHER_TOKEN", "WANDB_API_KEY"]
    assert json.loads(run.paths.handed.read_text())["hidden"]["WANDB_API_KEY"] == "5ecret"


@pytest.mark.parametrize("name", ["random", "select", "psutil", "docker"])
def test_a_file_beside_the_notebook_takes_no_module_s_place(folder: Folder, in_folder: Path, name: str) -> None:
    (in_folder / f"{name}.py").write_text("raise RuntimeError('not this one')\n")
    run = folder.submit("print('fine')\n")
    run.wait_for_completion()
    assert run.get_status() == "Completed"
