"""The ways of v1 to say an environment that read files, programs and folders."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from jupyter_ext.core.environments import curated
from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.environments.parts import DockerBuildContext
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.default_images import DEFAULT_GPU_IMAGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_ext.core.workspaces.workspace import Workspace

CONDA = """\
#!/bin/sh
case "$*" in
  --version) echo conda 23.1.0 ;;
  "env export --no-builds --name mine")
    printf 'name: mine\\nchannels: [conda-forge]\\ndependencies: [python=3.9.1, {pip: [six]}]\\nprefix: /opt/x\\n' ;;
  *) echo EnvironmentLocationNotFound: Not a conda environment: nope >&2; exit 1 ;;
esac
"""


def test_an_environment_is_saved_and_loaded_exactly(in_folder: Path) -> None:
    environment = Environment("x")
    environment.docker.base_dockerfile = "FROM ubuntu:22.04\nRUN true\n"
    environment.python.user_managed_dependencies = True
    environment.save_to_directory("saved")
    assert {file.name for file in (in_folder / "saved").iterdir()} == {
        "BaseDockerfile",
        "azureml_environment.json",
        "conda_dependencies.yml",
    }
    written = json.loads((in_folder / "saved/azureml_environment.json").read_text())
    assert "baseDockerfile" not in written["docker"]
    assert "condaDependencies" not in written["python"]
    assert yaml.safe_load((in_folder / "saved/conda_dependencies.yml").read_text())["name"] == "project_environment"
    assert Environment.load_from_directory("saved")._to_dict() == environment._to_dict()


def test_saving_again_leaves_nothing_of_what_was_there(in_folder: Path) -> None:
    environment = Environment("x")
    environment.docker.base_dockerfile = "FROM a\nRUN b"
    environment.save_to_directory("saved")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        environment.save_to_directory("saved")
    environment.docker.base_image = "python:3.11"
    environment.save_to_directory("saved", overwrite=True)
    assert not (in_folder / "saved/BaseDockerfile").exists()
    assert Environment.load_from_directory("saved").docker.base_image == "python:3.11"


def test_no_secret_is_saved(in_folder: Path, says: Callable[[str], Any]) -> None:
    environment = Environment("x")
    environment.docker.base_image_registry.password = "p4ssword"
    environment.environment_variables["API_KEY"] = "s3cret"
    environment.docker.arguments = ["-e", "MY_TOKEN=t0ken", "--ipc=host"]
    with says("API_KEY, MY_TOKEN: a secret's value is not written down"):
        environment.save_to_directory("saved")
    text = "".join(file.read_text() for file in (in_folder / "saved").iterdir())
    assert not any(secret in text for secret in ("p4ssword", "s3cret", "t0ken"))


@pytest.mark.usefixtures("in_folder")
def test_a_folder_without_an_environment() -> None:
    with pytest.raises(UserErrorException, match="holds no environment"):
        Environment.load_from_directory("nowhere")


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize("path", ["./Nope", "Dockerfile", "images/Dockerfile.gpu", "C:\\Dockerfile"])
def test_a_mistyped_dockerfile_is_told(path: str) -> None:
    environment = Environment("x")
    with pytest.raises(UserErrorException, match=r"The Dockerfile .* cannot be read \(No such file"):
        environment.docker.base_dockerfile = path
    with pytest.raises(UserErrorException, match="begins with FROM"):
        Environment.from_dockerfile("x", path)
    assert environment.docker.base_image is not None


@pytest.mark.parametrize("text", ["FROM python:3.11", "from a", "# syntax=x", "ARG A=1", "a\nb"])
def test_what_is_a_dockerfile_is_no_path(text: str) -> None:
    assert Environment.from_dockerfile("x", text).docker.base_dockerfile == text


def test_a_folder_as_build_context(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images/Dockerfile").write_text("FROM a\n")
    context = DockerBuildContext.from_local_directory(workspace, str(tmp_path), "images/Dockerfile")
    made = Environment.from_docker_build_context("x", context)
    assert made._to_dict()["docker"]["buildContext"] == {
        "locationType": "local",
        "location": str(tmp_path),
        "dockerfilePath": "images/Dockerfile",
    }
    assert made._asks_for_image()
    with pytest.raises(UserErrorException, match=r"There is no Dockerfile in"):
        DockerBuildContext.from_local_directory(workspace, str(tmp_path))
    with pytest.raises(UserErrorException, match="is not there"):
        DockerBuildContext.from_local_directory(workspace, str(tmp_path / "nope"))


def test_an_environment_that_conda_has_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CONDA_EXE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Environment.from_existing_conda_environment("x", "mine") is None
    assert "conda is not there" in capsys.readouterr().out
    # conda itself cannot be had here: this says what it says
    (tmp_path / "conda").write_text(CONDA)
    (tmp_path / "conda").chmod(0o755)
    made = Environment.from_existing_conda_environment("x", "mine")
    assert made is not None
    assert made.python.conda_dependencies is not None
    assert made.python.conda_dependencies.as_dict() == {
        "name": "mine",
        "channels": ["conda-forge"],
        "dependencies": ["python=3.9.1", {"pip": ["six"]}],
    }
    assert Environment.from_existing_conda_environment("x", "nope") is None
    assert "Not a conda environment: nope" in capsys.readouterr().out


def test_a_wheel_of_the_users_own(workspace: Workspace, tmp_path: Path) -> None:
    wheel = tmp_path / "mine-1.0-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    address = Environment.add_private_pip_wheel(workspace, str(wheel))
    kept = workspace._paths.wheels / wheel.name
    assert address == kept.as_uri()
    assert kept.read_bytes() == b"wheel"
    assert Environment.add_private_pip_wheel(workspace, str(wheel), exist_ok=True) == address
    wheel.write_bytes(b"built anew")
    assert Environment.add_private_pip_wheel(workspace, str(wheel), exist_ok=True) == address
    assert kept.read_bytes() == b"built anew"
    assert [path.name for path in kept.parent.iterdir()] == [wheel.name]
    with pytest.raises(UserErrorException, match="exist_ok=True"):
        Environment.add_private_pip_wheel(workspace, str(wheel))
    with pytest.raises(UserErrorException, match="is no wheel"):
        Environment.add_private_pip_wheel(workspace, str(tmp_path / "nope.whl"))


@pytest.mark.parametrize(
    ("name", "python", "pip"),
    [
        ("AzureML-Minimal", "3.11", []),
        ("azureml-minimal-ubuntu18.04-py37-cpu-inference", "3.7", []),
        ("azureml-sklearn-1.5", "3.11", ["scikit-learn==1.5.*", "matplotlib", "pandas", "scipy"]),
        ("AzureML-PyTorch-1.6-CPU", "3.8", ["torch==1.6.*", "torchvision", "tensorboard"]),
        ("AzureML-TensorFlow-1.13-GPU", "3.7", ["tensorflow-gpu==1.13.*", "tensorboard"]),
        ("AzureML-Scikit-learn-0.20.3", "3.7", ["scikit-learn==0.20.3", "matplotlib", "pandas", "scipy"]),
        (
            "AzureML-Scikit-learn0.24-Cuda11-OpenMpi4.1.0-py36",
            "3.6",
            ["scikit-learn==0.24.*", "matplotlib", "pandas", "scipy"],
        ),
        ("AzureML-pytorch-1.7-ubuntu18.04-py37-cuda11-gpu", "3.7", ["torch==1.7.*", "torchvision", "tensorboard"]),
    ],
)
def test_a_curated_name_says_it_all(workspace: Workspace, name: str, python: str, pip: list[str]) -> None:
    environment = Environment.get(workspace, name)
    assert (environment.name, environment.version) == (name, "1")
    dependencies = environment.python.conda_dependencies
    assert dependencies is not None
    assert dependencies.python_version == python
    assert list(dependencies.pip_packages) == pip
    assert (environment.docker.base_image == DEFAULT_GPU_IMAGE) == curated.wants_gpu(name)
    assert not environment._asks_for_image()


def test_curated_environments_are_listed_and_cloned_but_not_changed(workspace: Workspace) -> None:
    found = Environment.list(workspace)
    assert set(curated.EXAMPLES) == set(found)
    for environment in found.values():
        assert environment.python.conda_dependencies is not None
        assert "dependencies:" in environment.python.conda_dependencies.serialize_to_string()
    minimal = Environment.get(workspace, "azureml-minimal")
    assert minimal.register(workspace).version == "1"
    mine = minimal.clone("mine").register(workspace)
    assert (mine.name, mine.version) == ("mine", "1")
    assert minimal.python.conda_dependencies is not None
    minimal.python.conda_dependencies.add_pip_package("six")
    with pytest.raises(UserErrorException, match="clone"):
        minimal.register(workspace)
    with pytest.raises(UserErrorException, match="no curated environment 'AzureML-Designer'"):
        Environment.get(workspace, "AzureML-Designer")


def test_what_conda_dependencies_also_have() -> None:
    dependencies = CondaDependencies()
    dependencies.add_tensorflow_pip_package("cpu", "2.2.0")
    assert dependencies.as_dict()["dependencies"][1] == {"pip": ["azureml-defaults", "tensorflow==2.2.0"]}
    dependencies.add_tensorflow_conda_package("gpu")
    assert list(dependencies.conda_packages) == ["tensorflow-gpu"]
    assert dependencies.get_default_number_of_packages() == 2
    merged = CondaDependencies.merge_requirements(["numpy>1", "six", "Numpy<2", "pandas[a]", "pandas[b]", "--pre"])
    assert merged == ["numpy<2,>1", "six", "pandas[a,b]", "--pre"]
    for refused in (
        dependencies.add_cntk_package,
        lambda: dependencies.add_tensorflow_pip_package("tpu"),
        CondaDependencies.sdk_origin_url,
        lambda: CondaDependencies.merge_requirements(["no requirement!"]),
    ):
        with pytest.raises(UserErrorException):
            refused()
