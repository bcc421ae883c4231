"""``jupyter aml enable`` in an environment of its own: scripts and kernels find ``azureml``, and nothing stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from collections.abc import Callable

    Python = Callable[..., str]

IMPORT = "from azureml.core import Workspace; print(Workspace.__module__)"


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment that has this one's packages, and a place of its own to write to."""
    path = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(path)], check=True)
    packages(path).joinpath("a.pth").write_text(f"import site; site.addsitedir({sysconfig.get_paths()['purelib']!r})\n")
    return path


def packages(prefix: Path) -> Path:
    (path,) = prefix.glob("lib/python*/site-packages")
    return path


@pytest.fixture
def python(prefix: Path, tmp_path: Path) -> Python:
    def run(*arguments: str, code: int = 0, **variables: str) -> str:
        answer = subprocess.run(
            [str(prefix / "bin/python"), *arguments],
            cwd=tmp_path,
            env={**os.environ, "AML_HOME": str(tmp_path / "home"), **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == code, answer.stderr
        return answer.stdout + answer.stderr

    return run


def aml(python: Python, *arguments: str, code: int = 0) -> str:
    return python("-m", "jupyter_ext.commands.terminal", *arguments, code=code)


def test_enable_and_disable(python: Python, prefix: Path) -> None:
    before = sorted(packages(prefix).rglob("*"))
    assert "No module named 'azureml'" in python("-c", IMPORT, code=1)
    files = json.loads(aml(python, "enable", "--json"))["written"]
    assert all(Path(file).is_relative_to(prefix) for file in files)
    assert aml(python, "enable").startswith(f"Every kernel of {prefix}")
    assert python("-c", IMPORT) == "jupyter_ext.core.workspaces.workspace\n"
    status = json.loads(aml(python, "status", "--json"))
    assert (status["enabled"], status["azureml"]) == (True, "jupyter-aml, in every kernel")
    assert set(files) <= set(status["files"])
    told = aml(python, "disable")
    assert all(file in told for file in files)
    assert sorted(packages(prefix).rglob("*")) == before
    assert "No module named 'azureml'" in python("-c", IMPORT, code=1)
    assert "It was not enabled" in aml(python, "disable")
    assert not json.loads(aml(python, "status", "--json"))["enabled"]


def test_a_kernel_finds_it_with_no_edit(python: Python, prefix: Path, tmp_path: Path) -> None:
    aml(python, "enable")
    manager = KernelManager()
    command = [str(prefix / "bin/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert manager.kernel_spec is not None
    manager.kernel_spec.argv = command
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(60)
        said: list[str] = []
        client.execute_interactive(
            IMPORT, timeout=60, output_hook=lambda message: said.append(message["content"].get("text", ""))
        )
        assert "jupyter_ext.core.workspaces.workspace\n" in said
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_nothing_of_ours_is_loaded_before_it_is_asked_for(python: Python) -> None:
    aml(python, "enable")
    loaded = python("-X", "importtime", "-c", "pass")
    assert "_jupyter_aml_enabled" in loaded
    assert "jupyter_ext" not in loaded


def test_what_is_really_installed_goes_first(python: Python, prefix: Path) -> None:
    aml(python, "enable")
    real = packages(prefix) / "azureml"
    (real / "opendatasets").mkdir(parents=True)
    (real / "opendatasets/__init__.py").write_text("NAME = 'open'")
    assert python("-c", f"import azureml.opendatasets as o; print(o.NAME); {IMPORT}") == (
        "open\njupyter_ext.core.workspaces.workspace\n"
    )
    (real / "core").mkdir()
    (real / "core/__init__.py").write_text("class Workspace: pass")
    assert python("-c", IMPORT) == "azureml.core\n"
    assert "The real SDK is installed" in aml(python, "enable")
    assert json.loads(aml(python, "status", "--json"))["azureml"].startswith("the real SDK")


def test_inside_a_run_its_own_modules_are_found(python: Python) -> None:
    aml(python, "enable")
    assert "No module named 'azureml'" in python("-c", IMPORT, code=1, AML_RUN_DIR="/nowhere")


def test_an_environment_that_may_not_be_written_to(python: Python, prefix: Path) -> None:
    (packages(prefix) / "_jupyter_aml_enabled.py").mkdir()
    assert "cannot be written to" in aml(python, "enable", code=1)
