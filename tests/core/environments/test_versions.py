"""Versions, labels, and what is secret in a registered environment."""

from __future__ import annotations

import multiprocessing
import os
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission import hidden
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from parts.submitting import Folder


def register(workspace: Workspace, value: str, version: str | None = None) -> Environment:
    environment = Environment("x")
    environment.environment_variables = {"A": value}
    environment.version = version
    return environment.register(workspace)


def test_a_label_points_to_one_version_and_moves(workspace: Workspace) -> None:
    for value in "abc":
        register(workspace, value)
    Environment.label(workspace, "x", "1", ["prod", "old"])
    Environment.label(workspace, "x", "2", "prod")
    assert Environment.get(workspace, "x", label="prod").version == "2"
    assert Environment.get(workspace, "x", label="old").version == "1"
    assert Environment.get(workspace, "x", label="latest").version == "3"
    with pytest.raises(UserErrorException, match=r"no label 'nope'.*It has: 1, 2, 3, .*prod"):
        Environment.get(workspace, "x", label="nope")
    with pytest.raises(UserErrorException, match="not both"):
        Environment.get(workspace, "x", version="1", label="prod")
    with pytest.raises(UserErrorException, match="moves by itself"):
        Environment.label(workspace, "x", "1", ["latest"])
    with pytest.raises(UserErrorException, match="no version 9"):
        Environment.label(workspace, "x", "9", ["a"])


def _register(value: int) -> str:
    return str(register(Workspace.get("test-ws"), str(value)).version)


@pytest.mark.usefixtures("workspace")
def test_processes_that_register_at_once_get_versions_of_their_own() -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert sorted(pool.map(_register, range(9))) == [str(version) for version in range(1, 10)]


def test_a_version_may_be_asked_for(workspace: Workspace) -> None:
    assert register(workspace, "a", "7").version == "7"
    assert register(workspace, "b").version == "8"
    assert register(workspace, "c", "9.1-rc").version == "9.1-rc"
    assert register(workspace, "d").version == "10"
    assert Environment.get(workspace, "x").version == "10"
    with pytest.raises(UserErrorException, match="cannot be a version"):
        register(workspace, "e", "../1")


def test_a_changed_environment_that_was_read_gets_the_next_version(workspace: Workspace) -> None:
    first = register(workspace, "a")
    first.environment_variables["A"] = "b"
    assert first.register(workspace).version == "2"
    assert Environment.get(workspace, "x", "1").environment_variables == {"A": "a"}
    assert Environment.get(workspace, "x", "1").register(workspace).version == "1"


def test_secrets_are_not_on_disk_and_yet_there(workspace: Workspace, says: Callable[[str], Any]) -> None:
    environment = Environment("x")
    environment.environment_variables = {"API_KEY": "s3cret-value", "A": "1"}
    environment.docker.arguments = ["--ipc=host", "-e", "MY_TOKEN=t0ken-value"]
    environment.docker.base_image_registry.password = "p4ssword-value"
    with says("API_KEY, MY_TOKEN: a secret's value is not written down"):
        environment.register(workspace)
    on_disk = b"".join(file.read_bytes() for file in workspace._paths.root.rglob("*") if file.is_file())
    assert not any(secret in on_disk for secret in (b"s3cret-value", b"t0ken-value", b"p4ssword-value"))
    again = Environment.get(workspace, "x")
    assert again.environment_variables == {"API_KEY": "s3cret-value", "A": "1"}
    assert again.docker.arguments == ["--ipc=host", "-e", "MY_TOKEN=t0ken-value"]
    assert again.docker.base_image_registry.password == "p4ssword-value"
    assert "s3cret" not in repr(again)
    assert "t0ken" not in repr(again)


def test_another_process_takes_a_secret_from_its_own_variables(
    folder: Folder, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = Environment("x")
    environment.environment_variables = {"AML_TEST_TOKEN": "s3cret-value"}
    environment.python.user_managed_dependencies = True
    environment.register(workspace)
    monkeypatch.setattr(hidden, "_remembered", {})  # as in another process
    read = Environment.get(workspace, "x")
    assert read.environment_variables == {"AML_TEST_TOKEN": "***"}
    script = "import os; print(os.environ['AML_TEST_TOKEN'][::-1])"
    with pytest.raises(UserErrorException, match=r"set os.environ\['AML_TEST_TOKEN'\]"):
        folder.submit(script, environment=read)
    monkeypatch.setitem(os.environ, "AML_TEST_TOKEN", "other-value")
    run = folder.submit(script, environment=read)
    run.wait_for_completion()
    assert (run.paths.user_logs / "std_log.txt").read_text() == "eulav-rehto\n"
    assert "other-value" not in (run.paths.run_json).read_text()
    recorded = run.get_environment()
    assert (recorded.name, recorded.version) == ("x", "1")


def test_one_line_says_where_a_password_is_better_kept(
    says: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = Environment("x").docker.base_image_registry
    registry.address = "r.example.com"
    with says("docker login r.example.com"):
        registry.password = "written in a cell"
    monkeypatch.setenv("AML_TEST_PASSWORD", "from outside")
    registry.password = os.environ["AML_TEST_PASSWORD"]
    assert capsys.readouterr().out == ""


def test_files_that_are_registered_are_json_of_v1s_form(workspace: Workspace, tmp_path: Path) -> None:
    del tmp_path
    made = register(workspace, "a")
    assert Environment._from_dict(made._definition())._to_dict() == {**made._to_dict(), "version": None}
