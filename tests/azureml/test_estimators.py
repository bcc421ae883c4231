"""Estimators, beside what azureml-train-core 1.62 gave for the same calls."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import pytest
from parts.submitting import Folder, folder, in_folder, pycache, said, workspace

from jupyter_ext.azureml.core import Environment
from jupyter_ext.azureml.core.runconfig import MpiConfiguration
from jupyter_ext.azureml.data.data_reference import DataReference
from jupyter_ext.azureml.train._pins import loosened
from jupyter_ext.azureml.train.dnn import Chainer, Gloo, Nccl, ParameterServer, PyTorch, TensorFlow
from jupyter_ext.azureml.train.estimator import Estimator, Mpi
from jupyter_ext.azureml.train.sklearn import SKLearn
from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import TrainingException, UserErrorException
from jupyter_ext.store.default_images import DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE

__all__ = ["folder", "in_folder", "pycache", "workspace"]

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PLAIN = {"name": "project_environment", "channels": ["anaconda", "conda-forge"]}


def estimator(kind: type[Any] = Estimator, **given: Any) -> Any:
    return kind(".", **{"compute_target": "c", "entry_script": "train.py", **given})


def told(one: Any) -> dict[str, Any]:
    """What the examples tell of an estimator."""
    document = one.run_config._to_dict()
    kept = ("framework", "communicator", "nodeCount", "maxRunDurationSeconds", "priority", "target", "script")
    environment = one.run_config.environment
    return {
        **{key: document[key] for key in kept},
        "docker": document["docker"],
        "arguments": one.run_config.arguments,
        "base_image": environment.docker.base_image,
        "userManaged": environment.python.user_managed_dependencies,
        "env_vars": environment.environment_variables,
        "conda": one.conda_dependencies.as_dict(),
    }


DEFAULT: dict[str, Any] = {
    "framework": "Python",
    "communicator": "None",
    "nodeCount": 1,
    "maxRunDurationSeconds": None,
    "priority": None,
    "target": "c",
    "script": "train.py",
    "docker": {"useDocker": True, "sharedVolumes": True, "arguments": [], "shmSize": None},
    "arguments": [],
    "base_image": DEFAULT_CPU_IMAGE,
    "userManaged": False,
    "env_vars": {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"},
    "conda": {**PLAIN, "dependencies": ["python=3.8.13", {"pip": ["azureml-defaults"]}]},
}


def torch(*pip: str) -> dict[str, Any]:
    rest = ["horovod==0.18.1", "tensorboard==1.14.0", "future==0.17.1"]
    return {**PLAIN, "dependencies": ["python=3.6.2", {"pip": [*pip, *rest]}]}


NCCL = {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE", "NCCL_TREE_THRESHOLD": "0"}
OLD_CPU = "mcr.microsoft.com/azureml/base:openmpi3.1.2-ubuntu16.04"
OLD_GPU = "mcr.microsoft.com/azureml/base-gpu:openmpi4.1.0-cuda11.1-cudnn8-ubuntu20.04"


@pytest.mark.parametrize(
    ("kind", "given", "changes"),
    [
        (
            Estimator,
            {
                "script_params": {
                    "--lr": 0.1,
                    "--flag": "",
                    "--zero": 0,
                    "--none": None,
                    "--many": [1, 2, "a"],
                    "--f": False,
                }
            },
            {"arguments": ["--lr", 0.1, "--flag", "--zero", 0, "--none", "--many", 1, 2, "a", "--f", False]},
        ),
        (Estimator, {"use_gpu": True}, {"base_image": DEFAULT_GPU_IMAGE}),
        (
            Estimator,
            {"pip_packages": ["foo==1"], "conda_packages": ["scipy"]},
            {"conda": {**PLAIN, "dependencies": ["python=3.8.13", {"pip": ["azureml-defaults", "foo==1"]}, "scipy"]}},
        ),
        (
            PyTorch,
            {"framework_version": "1.3", "use_gpu": True},
            {
                "base_image": OLD_GPU,
                "env_vars": NCCL,
                "conda": torch("azureml-defaults", "torch==1.3.1", "torchvision==0.4.1"),
            },
        ),
        (
            PyTorch,
            {"pip_packages": ["foo"]},
            {
                "base_image": OLD_CPU,
                "env_vars": NCCL,
                "conda": torch("foo", "azureml-defaults", "torch==1.4.0", "torchvision==0.5.0"),
            },
        ),
    ],
)
def test_it_is_what_v1_made(kind: type[Any], given: dict[str, Any], changes: dict[str, Any]) -> None:
    assert told(estimator(kind, **given)) == {**DEFAULT, **changes}


def test_the_callers_list_stays_as_it_is() -> None:
    packages = ["foo"]
    estimator(PyTorch, pip_packages=packages)
    assert packages == ["foo"]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"node_count": 2, "distributed_training": MpiConfiguration()}, TrainingException, "as an object"),
        ({"process_count_per_node": 2}, TrainingException, "needs distributed_training"),
        ({"user_managed": True, "pip_packages": ["x"]}, UserErrorException, "installs nothing"),
        (
            {"environment_definition": Environment("e"), "pip_packages": ["x"]},
            TrainingException,
            "leave out pip_packages",
        ),
        ({"environment_definition": Environment("e"), "use_gpu": True}, TrainingException, "leave out use_gpu"),
        ({"conda_dependencies_file": "c.yml", "pip_packages": ["x"]}, UserErrorException, "names the packages"),
        ({"compute_target": None}, TrainingException, "Give a compute_target"),
        ({"use_docker": False, "custom_docker_image": "i"}, TrainingException, "needs a container"),
        ({"distributed_backend": "smoke"}, TrainingException, "mpi, ps, gloo, nccl, not 'smoke'"),
        ({"distributed_training": "mpi"}, TrainingException, "not a str"),
        ({"script_params": ["--lr"]}, UserErrorException, "is a dictionary, not a list"),
        ({"inputs": [3]}, UserErrorException, "A int cannot be an input"),
    ],
)
def test_what_contradicts_itself(given: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        estimator(**given)


def test_versions_of_frameworks() -> None:
    assert PyTorch.get_supported_versions() == ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6"]
    assert TensorFlow.get_supported_versions() == ["1.10", "1.12", "1.13", "2.0", "2.1", "2.2", "2.3"]
    assert Chainer.get_supported_versions() == ["5.1.0", "7.0.0"]
    assert SKLearn.get_supported_versions() == ["0.20.3"]
    kinds = (PyTorch, TensorFlow, Chainer, SKLearn)
    assert [estimator(kind).framework_version for kind in kinds] == ["1.4", "1.13", "5.1.0", "0.20.3"]
    with pytest.raises(TrainingException, match=r"not 9\.9\. For another, use ScriptRunConfig"):
        estimator(PyTorch, framework_version="9.9")
    with pytest.raises(TypeError, match="SKLearn has no parameter node_count"):
        estimator(SKLearn, node_count=2)
    with pytest.raises(TypeError, match="nonsense"):
        estimator(PyTorch, nonsense=1)
    assert "worker_count" in inspect.signature(TensorFlow).parameters
    assert "node_count" not in inspect.signature(SKLearn).parameters


def test_what_is_installed_is_of_today_unless_a_version_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    asked = estimator(PyTorch, pip_packages=["torch==2.0"])._script_run_config().run_config.environment
    assert list(asked.python.conda_dependencies.pip_packages) == [
        "torch==2.0",
        "azureml-defaults",
        "torchvision",
        "tensorboard",
    ]
    assert asked.docker.base_image == DEFAULT_CPU_IMAGE
    assert "the newest one is installed" in capsys.readouterr().out
    pinned = estimator(PyTorch, framework_version="1.6", use_gpu=True)._script_run_config().run_config.environment
    assert "torch==1.6.0" in pinned.python.conda_dependencies.pip_packages
    assert "horovod==0.18.1" not in pinned.python.conda_dependencies.pip_packages
    assert pinned.docker.base_image == DEFAULT_GPU_IMAGE
    assert capsys.readouterr().out == ""


def test_versions_that_came_later() -> None:
    old = estimator(PyTorch, framework_version="1.13")
    assert old.conda_dependencies.as_dict()["dependencies"] == [
        "python=3.8.13",
        {"pip": ["azureml-defaults", "torch==1.13.*", "torchvision", "tensorboard"]},
    ]
    new = estimator(SKLearn, framework_version="1.5", pip_packages=["numpy"])._script_run_config()
    assert new.run_config.environment.python.conda_dependencies.as_dict()["dependencies"] == [
        f"python={PYTHON}",
        {"pip": ["azureml-defaults", "numpy", "scikit-learn==1.5.*"]},
    ]


def test_pins_of_old_that_a_python_cannot_have(capsys: pytest.CaptureFixture[str]) -> None:
    asked = estimator(PyTorch, pip_packages=["pillow==5.4.1", "six==1.16.0"])._script_run_config()
    packages = list(asked.run_config.environment.python.conda_dependencies.pip_packages)
    assert packages[:2] == ["pillow>=5.4.1", "six==1.16.0"]
    assert f"Not built for Python {PYTHON}, so a later one is taken: pillow==5.4.1." in capsys.readouterr().out
    assert loosened(["six==1.16.0", "no-such-package-at-all==1", "numpy", "-e ."], PYTHON) == {}


@pytest.mark.parametrize(
    ("given", "framework", "communicator"),
    [
        ({"distributed_training": Mpi(2)}, "Python", "IntelMpi"),
        ({"distributed_backend": "mpi"}, "Python", "IntelMpi"),
        ({"distributed_training": ParameterServer(1, 1)}, "TensorFlow", "ParameterServer"),
        ({"distributed_training": Gloo()}, "PyTorch", "gloo"),
        ({"distributed_training": Nccl()}, "PyTorch", "nccl"),
    ],
)
def test_distribution(workspace: Workspace, given: dict[str, Any], framework: str, communicator: str) -> None:
    target = ComputeTarget.create(workspace, "cl", AmlCompute.provisioning_configuration(max_nodes=2))
    configuration = estimator(compute_target=target, node_count=2, process_count_per_node=2, **given).run_config
    assert (configuration.framework, configuration.communicator) == (framework, communicator)
    assert configuration.node_count == 2
    if communicator == "IntelMpi":
        assert configuration.mpi._to_dict() == {"processCountPerNode": 2, "nodeCount": 2}


def test_a_run(folder: Folder, workspace: Workspace) -> None:
    store = workspace.get_default_datastore()
    (folder.path.parent / "data").mkdir()
    (folder.path.parent / "data" / "a.txt").write_text("data")
    store.upload(str(folder.path.parent / "data"), "in", show_progress=False)
    folder.write(
        "import os, sys\nprint(sys.argv[1:3], os.environ['MINE'])\nprint(open(sys.argv[4] + '/a.txt').read())\n"
    )
    reference = DataReference(store, "given", "in")
    one = Estimator(
        str(folder.path),
        compute_target="local",
        entry_script="train.py",
        script_params={"--lr": 0.1, "--data": reference},
        inputs=[reference],
        user_managed=True,
        environment_variables={"MINE": "m"},
    )
    one.run_config.environment.python.interpreter_path = "python3"
    run = folder.experiment.submit(one, tags={"a": "b"})
    run.wait_for_completion()
    assert said(run) == "['--lr', '0.1'] m\ndata\n"
    assert run.tags == {"a": "b"}
    other = folder.experiment.submit(one, script_params={"--lr": 5, "--data": reference})
    other.wait_for_completion()
    assert said(other).startswith("['--lr', '5']")
    assert one.run_config.arguments[1] == 0.1
    with pytest.raises(TrainingException, match="not with entry_script"):
        folder.experiment.submit(one, entry_script="other.py")


def test_going_on_from_files(folder: Folder, workspace: Workspace) -> None:
    from jupyter_ext.azureml.data.datapath import DataPath

    store = workspace.get_default_datastore()
    (folder.path.parent / "model").mkdir()
    (folder.path.parent / "model" / "weights.txt").write_text("w")
    store.upload(str(folder.path.parent / "model"), "checkpoint", show_progress=False)
    run = folder.submit(
        "import os, sys\nprint(sys.argv[1], os.listdir(sys.argv[2]))", resume_from=DataPath(store, "checkpoint")
    )
    run.wait_for_completion()
    assert said(run) == "--resume-from ['weights.txt']\n"
    with pytest.raises(UserErrorException, match="is a path of a datastore, not a str"):
        folder.submit("print(1)", resume_from="somewhere")


def test_files_name_packages(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("# a comment\nfoo==1\n\nbar\n")
    one = estimator(pip_requirements_file=str(tmp_path / "requirements.txt"))
    assert list(one.conda_dependencies.pip_packages) == ["azureml-defaults", "foo==1", "bar"]
    (tmp_path / "conda.yml").write_text("name: x\ndependencies:\n- python=3.9\n- pip:\n  - baz\n")
    one = estimator(conda_dependencies_file=str(tmp_path / "conda.yml"))
    assert one.conda_dependencies.as_dict()["dependencies"] == ["python=3.9", {"pip": ["baz"]}]
