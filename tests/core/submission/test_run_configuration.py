from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission.distributed import (
    MpiConfiguration,
    ParallelTaskConfiguration,
    PyTorchConfiguration,
    TensorflowConfiguration,
)
from jupyter_ext.core.submission.runconfig import RunConfiguration
from jupyter_ext.core.submission.runconfig_parts import DockerConfiguration
from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.core.submission.submit import _variables
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import RunConfigurationException, UserErrorException

# what azureml-core 1.61 serialises for ScriptRunConfig(source_directory="."), its environment left out
DEFAULT: dict[str, Any] = {
    "script": None,
    "arguments": [],
    "target": "local",
    "framework": "Python",
    "communicator": "None",
    "maxRunDurationSeconds": 2592000,
    "nodeCount": 1,
    "priority": None,
    "environment": "default-environment",
    "history": {"outputCollection": True, "snapshotProject": True, "directoriesToWatch": ["logs"]},
    "spark": {"configuration": {"spark.app.name": "Azure ML Experiment", "spark.yarn.maxAppAttempts": 1}},
    "docker": {"useDocker": False, "sharedVolumes": True, "arguments": [], "shmSize": "2g"},
    "hdi": {"yarnDeployMode": "cluster"},
    "tensorflow": {"workerCount": 1, "parameterServerCount": 1},
    "mpi": {"processCountPerNode": 1, "nodeCount": 1},
    "pytorch": {"communicationBackend": "nccl", "processCount": None, "nodeCount": 1},
    "paralleltask": {"maxRetriesPerWorker": 0, "workerCountPerNode": 1, "terminalExitCodes": None},
    "dataReferences": {},
    "data": {},
    "datacaches": [],
    "outputData": {},
    "sourceDirectoryDataStore": None,
    "amlcompute": {
        "vmSize": None,
        "vmPriority": None,
        "retainCluster": False,
        "name": None,
        "clusterMaxNodeCount": None,
    },
    "autoClusterComputeSpecification": None,
    "kubernetescompute": {"instanceType": None},
    "credentialPassthrough": False,
    "command": "",
    "environmentVariables": {},
    "applicationEndpoints": {},
}


def serialised(configuration: RunConfiguration) -> dict[str, Any]:
    document = configuration._to_dict()
    document["environment"] = document["environment"]["name"]
    return document


def test_the_default_is_v1s() -> None:
    document = serialised(ScriptRunConfig(source_directory=".").run_config)
    assert document == DEFAULT
    assert list(document) == list(DEFAULT)
    assert serialised(RunConfiguration()) == {**DEFAULT, "maxRunDurationSeconds": None}


@pytest.mark.parametrize(
    ("distribution", "changes"),
    [
        (
            MpiConfiguration(process_count_per_node=4, node_count=2),
            {"communicator": "IntelMpi", "nodeCount": 2, "mpi": {"processCountPerNode": 4, "nodeCount": 2}},
        ),
        (
            PyTorchConfiguration(process_count=8, node_count=2),
            {
                "framework": "PyTorch",
                "communicator": "nccl",
                "nodeCount": 2,
                "pytorch": {"communicationBackend": "nccl", "processCount": 8, "nodeCount": 2},
            },
        ),
        (
            PyTorchConfiguration("Gloo"),
            {
                "framework": "PyTorch",
                "communicator": "gloo",
                "pytorch": {"communicationBackend": "gloo", "processCount": None, "nodeCount": 1},
            },
        ),
        (
            TensorflowConfiguration(worker_count=3),
            {
                "framework": "TensorFlow",
                "communicator": "ParameterServer",
                "nodeCount": 3,
                "tensorflow": {"workerCount": 3, "parameterServerCount": 1},
            },
        ),
    ],
)
def test_distributed_configurations(distribution: object, changes: dict[str, Any]) -> None:
    config = ScriptRunConfig(".", compute_target="c", distributed_job_config=distribution)
    assert serialised(config.run_config) == {**DEFAULT, "target": "c", **changes}


def test_docker_is_taken_when_it_is_made() -> None:
    runtime = DockerConfiguration(use_docker=True, arguments=["--ipc=host"], shm_size="8g")
    config = ScriptRunConfig(".", docker_runtime_config=runtime)
    assert serialised(config.run_config)["docker"] == {
        "useDocker": True,
        "sharedVolumes": True,
        "arguments": ["--ipc=host"],
        "shmSize": "8g",
    }
    environment = Environment("x")
    environment.docker.enabled = True
    config = ScriptRunConfig(".", environment=environment)
    environment.docker.enabled = False
    assert serialised(config.run_config)["docker"] == {**DEFAULT["docker"], "useDocker": True}


def test_bad_configurations() -> None:
    with pytest.raises(RunConfigurationException, match="'nccl' or 'gloo'"):
        PyTorchConfiguration("mpi")
    with pytest.raises(RunConfigurationException, match="not a str"):
        ScriptRunConfig(".", distributed_job_config="mpi")


def test_typing_errors_are_told() -> None:
    configuration = RunConfiguration()
    with pytest.raises(AttributeError, match="no attribute 'nodecount'"):
        configuration.nodecount = 2  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="use_dcoker"):
        configuration.docker.use_dcoker = True  # type: ignore[attr-defined]
    configuration.node_count = "two"  # type: ignore[assignment]
    assert configuration._to_dict()["nodeCount"] == "two"
    ParallelTaskConfiguration().anything = 1  # type: ignore[attr-defined]


def test_script_and_arguments_stay_until_it_is_submitted() -> None:
    config = ScriptRunConfig(".", "train.py", ["--lr", 0.1, "--n", 3, True, None])
    assert config.run_config.script is None
    resolved = config._resolved()
    assert (resolved.script, resolved.arguments) == ("train.py", ["--lr", 0.1, "--n", 3, True, None])
    assert config.run_config.script is None
    resolved.arguments.append("x")
    assert config.arguments == ["--lr", 0.1, "--n", 3, True, None]


def test_a_command_as_words_or_text() -> None:
    assert ScriptRunConfig(".", command=["python", "a.py", "&&", "ls"])._resolved().command == "python a.py && ls"
    assert ScriptRunConfig(".", command="echo $X")._resolved().command == "echo $X"
    assert RunConfiguration(command=["a", "b"]).command == "a b"


def test_a_run_config_goes_before_what_is_given_beside_it(says: Callable[[str], Any]) -> None:
    configuration = RunConfiguration(script="a.py", arguments=["1"])
    with says(r"Ignored, as run_config says it: compute_target, environment"):
        config = ScriptRunConfig(
            ".", script="b.py", run_config=configuration, compute_target="c", environment=Environment("e")
        )
    resolved = config._resolved()
    assert (resolved.script, resolved.arguments, resolved.target) == ("b.py", ["1"], "local")


def test_a_target_is_a_name_or_an_object() -> None:
    class Target:
        name = "gpu"

    configuration = RunConfiguration()
    configuration.target = Target()  # type: ignore[assignment]
    assert configuration.target == "gpu"
    assert ScriptRunConfig(".", compute_target=Target()).run_config.target == "gpu"


def test_saved_and_loaded(in_folder: Path) -> None:
    configuration = RunConfiguration(script="a.py", arguments=["--lr", 0.1, 3, True])
    configuration.environment.docker.base_image_registry.password = "p4ss"
    configuration.environment_variables = {"KEEP_this_Key": "1"}
    dependencies = configuration.environment.python.conda_dependencies
    assert dependencies is not None
    dependencies.add_pip_package("torch")
    with pytest.raises(FileNotFoundError, match=r"\.azureml"):
        configuration.save(name="foo")
    (in_folder / ".azureml").mkdir()
    configuration.save(name="foo")
    files = sorted(file.as_posix() for file in Path().rglob("*") if file.is_file())
    assert files == [".azureml/conda_dependencies.yml", ".azureml/foo"]
    assert "p4ss" not in (in_folder / ".azureml" / "foo").read_text()
    loaded = RunConfiguration.load(".", "foo")
    configuration.environment.docker.base_image_registry.password = None
    assert loaded._to_dict() == configuration._to_dict()
    assert RunConfiguration.load(".azureml/foo")._to_dict() == configuration._to_dict()
    RunConfiguration.delete(".", "foo")
    with pytest.raises(UserErrorException, match="no run configuration foo"):
        RunConfiguration.load(".", "foo")


def test_what_is_saved_holds_no_secret(
    in_folder: Path, says: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (in_folder / ".azureml").mkdir()
    config = ScriptRunConfig(
        ".",
        "a.py",
        docker_runtime_config=DockerConfiguration(use_docker=True, arguments=["-e", "API_KEY=hush-1", "-it"]),
    )
    configuration = config.run_config
    configuration.environment_variables = {"MY_TOKEN": "hush-2", "PLAIN": "1"}
    configuration.environment.environment_variables = {"OTHER_TOKEN": "hush-3"}
    dependencies = configuration.environment.python.conda_dependencies
    assert dependencies is not None
    dependencies.set_pip_option("--index-url https://me:hush-4@localhost/simple")
    with says("API_KEY, MY_TOKEN, OTHER_TOKEN: a secret's value is not written down"):
        configuration.save(name="foo", separate_environment_yaml=True)
    assert "hush" not in "".join(file.read_text() for file in (in_folder / ".azureml").iterdir())
    loaded = RunConfiguration.load(".", "foo")
    assert loaded.environment_variables == {"MY_TOKEN": "***", "PLAIN": "1"}
    assert loaded.docker.arguments == ["-it"]
    monkeypatch.setenv("MY_TOKEN", "mine")
    monkeypatch.setenv("OTHER_TOKEN", "other")
    assert _variables(loaded, loaded.environment) == {"MY_TOKEN": "mine", "OTHER_TOKEN": "other", "PLAIN": "1"}


def test_saved_with_the_environment_apart(in_folder: Path) -> None:
    (in_folder / "aml_config").mkdir()
    configuration = RunConfiguration(script="a.py")
    configuration.save(name="foo.runconfig", separate_environment_yaml=True)
    assert sorted(file.name for file in (in_folder / "aml_config").iterdir()) == [
        "conda_dependencies.yml",
        "environment.yml",
        "foo.runconfig",
    ]
    assert RunConfiguration.load(".", "foo")._to_dict() == configuration._to_dict()


def test_what_is_written_is_json() -> None:
    config = ScriptRunConfig(".", "train.py", ["--lr", 0.1])
    assert json.loads(json.dumps(config._resolved()._to_dict()))["arguments"] == ["--lr", 0.1]
