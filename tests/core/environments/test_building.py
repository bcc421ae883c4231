"""``Environment.build`` and what it gives, with real builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parts.kernel import make_wheel

from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.core.workspaces.workspace import Workspace


def with_packages(*lines: str) -> Environment:
    environment = Environment("x")
    assert environment.python.conda_dependencies is not None
    environment.python.conda_dependencies.set_pip_requirements(list(lines))
    return environment


@pytest.mark.usefixtures("no_engine")
def test_a_build_is_begun_and_waited_for(
    workspace: Workspace, in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = with_packages(f"./{make_wheel(in_folder)}")
    details = environment.build(workspace)
    assert environment.version is None
    assert details.wait_for_completion() is details
    assert details.status == "Succeeded"
    said = capsys.readouterr().out
    assert "Image Build Status: Running" in said
    assert "Image Build Status: Succeeded" in said
    assert said.count("aml-tiny") == details.get_log().count("aml-tiny") > 0
    assert details.log_url.startswith("file://")
    registered = Environment.get(workspace, "x")
    found = registered.get_image_details(workspace)
    assert not found.image_exist
    assert found.environment_path is not None
    assert found.interpreter_path == f"{found.environment_path}/bin/python"
    assert found["packages"] == ["aml-tiny @ " + (in_folder / "aml_tiny-1.0-py3-none-any.whl").as_uri()]
    assert "up to date" in registered.build_local(workspace)


@pytest.mark.usefixtures("no_engine", "in_folder")
def test_a_build_that_fails_raises_nothing(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    details = with_packages("--no-index", "aml-no-such-package").build(workspace).wait_for_completion(show_output=False)
    assert details.status == "Failed"
    assert "aml-no-such-package" in details.get_log()
    assert "Status" not in capsys.readouterr().out
    details.wait_for_completion()
    assert "aml-no-such-package" in capsys.readouterr().out


@pytest.mark.usefixtures("no_engine")
def test_what_is_not_registered_is_not_built_locally(workspace: Workspace) -> None:
    with pytest.raises(UserErrorException, match="not registered"):
        Environment("x").build_local(workspace)


@pytest.mark.docker
def test_an_image_is_described(workspace: Workspace, base_image: str) -> None:
    environment = Environment.from_dockerfile("described", f"FROM {base_image}\nRUN true\n").register(workspace)
    before = environment.get_image_details(workspace)
    assert environment.build(workspace).wait_for_completion(show_output=False).status == "Succeeded"
    found = environment.get_image_details(workspace)
    assert found.image_exist
    assert found.repository is not None
    assert found.repository.startswith("jupyter-aml/described:")
    assert found.image["id"].startswith("sha256:")
    assert found.dockerfile == f"FROM {base_image}\nRUN true\n"
    assert found.environment_path is None
    assert before.dockerfile == found.dockerfile
