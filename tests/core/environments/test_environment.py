from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.container_registry import ContainerRegistry
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.environments.parts import DockerBuildContext
from jupyter_ext.core.environments.versions import names
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

CPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1"
REQUIREMENTS = "torch==2.0\n# c\nnumpy\n-e .\n--extra-index-url https://x\n"
CONDA = "name: foo\nchannels: [conda-forge]\ndependencies:\n- python=3.9\n- pip:\n  - torch\n"
# what azureml-core 1.61 serialises
DEFAULT: dict[str, Any] = {
    "name": "x",
    "version": None,
    "environmentVariables": {"EXAMPLE_ENV_VAR": "EXAMPLE_VALUE"},
    "python": {
        "userManagedDependencies": False,
        "interpreterPath": "python",
        "condaDependenciesFile": None,
        "baseCondaEnvironment": None,
        "condaDependencies": {
            "name": "project_environment",
            "dependencies": ["python=3.8.13", {"pip": ["azureml-defaults"]}],
            "channels": ["anaconda", "conda-forge"],
        },
    },
    "docker": {
        "enabled": False,
        "baseImage": CPU_IMAGE,
        "baseDockerfile": None,
        "buildContext": None,
        "sharedVolumes": True,
        "shmSize": "2g",
        "arguments": [],
        "baseImageRegistry": {"address": None, "username": None, "password": None, "registryIdentity": None},
        "platform": {"os": "Linux", "architecture": "amd64"},
    },
    "spark": {"repositories": [], "packages": [], "precachePackages": True},
    "databricks": {
        "mavenLibraries": [],
        "pypiLibraries": [],
        "rcranLibraries": [],
        "jarLibraries": [],
        "eggLibraries": [],
    },
    "r": None,
    "inferencingStackVersion": None,
    "assetId": None,
}


def expected(**changes: Any) -> dict[str, Any]:
    """Return v1's default with some values changed, such as ``docker__baseImage``."""
    document: dict[str, Any] = json.loads(json.dumps(DEFAULT))
    for path, value in changes.items():
        *sections, key = path.split("__")
        place = document
        for section in sections:
            place = place[section]
        place[key] = value
    return document


def pip_conda() -> dict[str, Any]:
    lines = ["torch==2.0", "# c", "numpy", "-e .", "--extra-index-url https://x", ""]
    document = expected()["python"]["condaDependencies"]
    document["dependencies"] = ["python=3.8.13", {"pip": lines}, "pip"]
    return dict(document)


FOO = {"name": "foo", "channels": ["conda-forge"], "dependencies": ["python=3.9", {"pip": ["torch"]}]}


@pytest.fixture
def files(in_folder: Path) -> Path:
    (in_folder / "requirements.txt").write_text(REQUIREMENTS)
    (in_folder / "conda.yml").write_text(CONDA)
    (in_folder / "Dockerfile").write_text("FROM ubuntu:22.04\nRUN true\n")
    return in_folder


def test_the_default_is_v1s() -> None:
    serialised = Environment("x")._to_dict()
    assert serialised == DEFAULT
    assert list(serialised) == list(DEFAULT)
    assert list(serialised["docker"]) == list(DEFAULT["docker"])


def test_a_base_image_with_user_managed_packages() -> None:
    environment = Environment("x")
    environment.docker.base_image = "ubuntu:22.04"
    environment.python.user_managed_dependencies = True
    assert environment._to_dict() == expected(docker__baseImage="ubuntu:22.04", python__userManagedDependencies=True)


def test_the_cells_of_v1s_own_document(says: Callable[[str], Any]) -> None:
    environment = Environment("x")
    with says("base_image is unset"):
        environment.docker.base_dockerfile = "FROM ubuntu:22.04\nRUN echo hi\n"
    assert environment._to_dict() == expected(
        docker__baseImage=None, docker__baseDockerfile="FROM ubuntu:22.04\nRUN echo hi\n"
    )


def test_docker_enabled() -> None:
    environment = Environment("x")
    environment.docker.enabled = True
    environment.docker.shm_size = "8g"
    environment.docker.arguments = ["--ipc=host"]
    assert environment._to_dict() == expected(
        docker__enabled=True, docker__shmSize="8g", docker__arguments=["--ipc=host"]
    )
    environment.docker.gpu_support = False
    assert environment.docker.gpu_support


def test_packages_put_together() -> None:
    environment = Environment("x")
    environment.environment_variables = {"A": "1"}
    environment.python.conda_dependencies = CondaDependencies.create(
        pip_packages=["torch==2.0", "numpy"], conda_packages=["scipy"], python_version="3.10"
    )
    document = expected(environmentVariables={"A": "1"})
    document["python"]["condaDependencies"]["dependencies"] = ["python=3.10", {"pip": ["torch==2.0", "numpy"]}, "scipy"]
    assert environment._to_dict() == document


def test_packages_added_one_by_one() -> None:
    environment = Environment("x")
    dependencies = environment.python.conda_dependencies
    assert dependencies is not None
    dependencies.add_pip_package("foo")
    dependencies.add_conda_package("cudatoolkit=10")
    dependencies.add_channel("pytorch")
    environment.inferencing_stack_version = "latest"
    document = expected(inferencingStackVersion="latest")
    document["python"]["condaDependencies"] = {
        "name": "project_environment",
        "dependencies": ["python=3.8.13", {"pip": ["azureml-defaults", "foo"]}, "cudatoolkit=10"],
        "channels": ["anaconda", "conda-forge", "pytorch"],
    }
    assert environment._to_dict() == document


@pytest.mark.usefixtures("files")
def test_constructors_from_files() -> None:
    conda = Environment.from_conda_specification("x", "conda.yml")
    assert conda._to_dict() == expected(python__condaDependencies=FOO)
    pip = Environment.from_pip_requirements("x", "requirements.txt")
    assert pip._to_dict() == expected(python__condaDependencies=pip_conda())
    pinned = Environment.from_pip_requirements("x", "requirements.txt", pip_version="23.1")
    assert pinned._to_dict()["python"]["condaDependencies"]["dependencies"][-1] == "pip=23.1"


@pytest.mark.usefixtures("files")
def test_constructors_from_images() -> None:
    plain = Environment.from_docker_image("x", "ubuntu:22.04")
    assert plain._to_dict() == expected(docker__baseImage="ubuntu:22.04", python__userManagedDependencies=True)
    conda = Environment.from_docker_image("x", "ubuntu:22.04", conda_specification="conda.yml")
    assert conda._to_dict() == expected(docker__baseImage="ubuntu:22.04", python__condaDependencies=FOO)
    pip = Environment.from_docker_image("x", "ubuntu:22.04", pip_requirements="requirements.txt")
    assert pip._to_dict() == expected(docker__baseImage="ubuntu:22.04", python__condaDependencies=pip_conda())
    with pytest.raises(UserErrorException, match="not both"):
        Environment.from_docker_image("x", "i", conda_specification="conda.yml", pip_requirements="requirements.txt")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("dockerfile", ["Dockerfile", "./Dockerfile", "FROM ubuntu:22.04\nRUN true\n"])
def test_constructor_from_a_dockerfile(dockerfile: str) -> None:
    assert Environment.from_dockerfile("x", dockerfile)._to_dict() == expected(
        docker__baseImage=None,
        docker__baseDockerfile="FROM ubuntu:22.04\nRUN true\n",
        python__userManagedDependencies=True,
    )


def test_constructor_from_a_build_context() -> None:
    context = DockerBuildContext("git", "https://github.com/a/b")
    document = expected(environmentVariables={}, docker__baseImage=None, docker__shmSize=None)
    document["docker"]["buildContext"] = {
        "locationType": "git",
        "location": "https://github.com/a/b",
        "dockerfilePath": "Dockerfile",
    }
    del document["python"]["condaDependencies"]
    made = Environment.from_docker_build_context("x", context)
    assert made._to_dict() == document
    assert Environment._from_dict(document)._to_dict() == document


@pytest.mark.filterwarnings("ignore:docker.base_image is unset")
def test_a_dockerfile_from_an_open_file() -> None:
    environment = Environment("x")
    environment.docker.base_dockerfile = io.StringIO("FROM a\n")
    assert environment.docker.base_dockerfile == "FROM a\n"


def test_a_private_registry_keeps_no_password_that_is_written() -> None:
    registry = ContainerRegistry()
    registry.address, registry.username, registry.password = "reg.example.com", "u", "p4ss"
    environment = Environment.from_docker_image("x", "img:1", container_registry=registry)
    assert environment._to_dict()["docker"]["baseImageRegistry"] == {
        "address": "reg.example.com",
        "username": "u",
        "password": "p4ss",
        "registryIdentity": None,
    }
    for shown in (repr(environment), str(environment), json.dumps(environment._definition())):
        assert "p4ss" not in shown


def test_setting_one_source_unsets_the_others(says: Callable[[str], Any]) -> None:
    docker = Environment("x").docker
    with says("base_image is unset"):
        docker.base_dockerfile = "FROM a\nRUN b"
    assert (docker.base_image, docker.base_dockerfile) == (None, "FROM a\nRUN b")
    with says("base_dockerfile is unset"):
        docker.build_context = DockerBuildContext("git", "https://example.com/a")
    with says("build_context is unset"):
        docker.base_image = "python:3.11"
    assert (docker.build_context, docker.base_dockerfile) == (None, None)
    docker.base_dockerfile = None
    assert docker.base_image == "python:3.11"
    docker.base_image = ""
    assert docker.base_image is None


def test_typing_errors_are_told() -> None:
    environment = Environment("x")
    with pytest.raises(AttributeError, match=r"no attribute 'dockr'.*docker"):
        environment.dockr = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="base_dockrfile"):
        environment.docker.base_dockrfile = ""  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="user_managed"):
        environment.python.user_managed = True  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="text"):
        Environment(3)  # type: ignore[arg-type]


@pytest.mark.usefixtures("files")
def test_a_copy_is_another() -> None:
    first = Environment.from_conda_specification("x", "conda.yml")
    second = first.clone("y")
    assert second._to_dict() == {**first._to_dict(), "name": "y"}
    assert second.python.conda_dependencies is not None
    second.python.conda_dependencies.add_pip_package("numpy")
    assert first._to_dict()["python"]["condaDependencies"] == FOO
    with pytest.raises(UserErrorException, match="name"):
        first.clone("")


@pytest.mark.usefixtures("files")
def test_what_is_read_is_what_was_written() -> None:
    for environment in (
        Environment("x"),
        Environment.from_dockerfile("x", "Dockerfile"),
        Environment.from_docker_image("x", "i:1", pip_requirements="requirements.txt"),
    ):
        assert Environment._from_dict(environment._to_dict())._to_dict() == environment._to_dict()
    lower = Environment._from_dict({"name": "x", "docker": {"base_image": "i:1"}, "python": {"interpreter_path": "p"}})
    assert (lower.docker.base_image, lower.python.interpreter_path) == ("i:1", "p")


def test_a_conda_file_without_python_gets_v1s_default(in_folder: Path, says: Callable[[str], Any]) -> None:
    (in_folder / "c.yml").write_text("dependencies:\n- numpy\n")
    with says("names no Python"):
        environment = Environment.from_conda_specification("x", "c.yml")
    assert environment.python.conda_dependencies is not None
    assert environment.python.conda_dependencies.python_version == "3.10.18"


def test_registered_versions(workspace: Workspace) -> None:
    environment = Environment("my.env-1")
    first = environment.register(workspace)
    assert (environment.version, first.version) == (None, "1")
    assert environment.register(workspace).version == "1"
    environment.environment_variables["A"] = "2"
    assert environment.register(workspace).version == "2"
    environment.docker.base_image_registry.password = "p4ss"
    assert environment.register(workspace).version == "2"
    assert Environment.get(workspace, "my.env-1").version == "2"
    assert Environment.get(workspace, "my.env-1", version="1")._to_dict() == first._to_dict()
    assert Environment.get(workspace, "my.env-1", version=1).version == "1"  # type: ignore[arg-type]
    assert next(iter(workspace.environments)) == "my.env-1"
    assert not any("p4ss" in file.read_text() for file in workspace._paths.environments.rglob("*.json"))


@pytest.mark.parametrize("name", [None, "", "a b", "a/b", "../x", "-a", "a" * 256, "ü"])
def test_names_that_cannot_be_registered(workspace: Workspace, name: str | None) -> None:
    with pytest.raises(UserErrorException, match=r"cannot be an environment's name: use letters"):
        Environment(name).register(workspace)
    assert names(workspace._paths) == []


def test_an_environment_that_is_not_there(workspace: Workspace) -> None:
    Environment("known").register(workspace)
    with pytest.raises(UserErrorException, match=r"no environment 'nope' .*Registered: known"):
        Environment.get(workspace, "nope")
    with pytest.raises(UserErrorException, match="version 7"):
        Environment.get(workspace, "known", version="7")
    with pytest.raises(UserErrorException, match="not both"):
        Environment.get(workspace, "known", version="1", label="latest")


@pytest.mark.usefixtures("in_folder")
def test_files_that_are_not_there() -> None:
    with pytest.raises(UserErrorException, match=r"nope\.yml cannot be read"):
        Environment.from_conda_specification("x", "nope.yml")
    with pytest.raises(UserErrorException, match=r"nope\.txt cannot be read"):
        Environment.from_pip_requirements("x", "nope.txt")


def test_shown() -> None:
    environment = Environment("x")
    assert str(environment) == "Environment(Name: x,\nVersion: None)"
    assert json.loads(repr(environment)) == DEFAULT
    assert repr(environment) == json.dumps(DEFAULT, indent=4, sort_keys=True)


def test_passwords_of_indexes_and_channels_are_not_kept(workspace: Workspace) -> None:
    environment = Environment("secret")
    dependencies = CondaDependencies.create(pip_packages=["six"])
    dependencies.set_pip_option("--index-url https://me:hush@h.io/simple")
    dependencies.set_pip_option("--extra-index-url https://me:${TOKEN}@h.io/other")
    dependencies.set_pip_option("--find-links https://${WHO}:hush@h.io/more")
    for channel in (
        "https://me:hush@h.io/c",
        "https://me:p@hush@h.io/d",
        "https://h.io/t/hush/c",
        "https://h.io/t/hush",
    ):
        dependencies.add_channel(channel)
    environment.python.conda_dependencies = dependencies
    assert "hush" not in repr(environment)
    registered = environment.register(workspace)
    kept = "".join(path.read_text() for path in workspace._paths.environments.rglob("*.json"))
    assert "hush" not in kept
    assert "https://***@h.io/simple" in kept
    assert "me:${TOKEN}@h.io" in kept
    assert "hush" in str(environment._to_build())
    assert environment.register(workspace).version == registered.version
