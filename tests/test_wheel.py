"""Holds what an installed package consists of: the built view, and the files that go inside a run."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_DEPENDENCIES = 15


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this tree, built without looking for anything elsewhere."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_every_source_file_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "jupyter_ext").rglob("*.py")}
    assert sources - set(wheel.namelist()) == set()
    assert any(name.startswith("jupyter_ext/runtime/inside/") for name in sources)


def test_the_built_view_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    assert wheel.getinfo("jupyter_ext/monitor/static/view.js").file_size > 0
    assert "jupyter_ext/py.typed" in wheel.namelist()


def test_what_mlflow_finds_inside_a_run_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    found = wheel.read("jupyter_ext/runtime/inside/jupyter_aml_run.dist-info/entry_points.txt").decode()
    assert "[mlflow.tracking_store]" in found


def test_nothing_else_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == {"jupyter_ext"}


def test_installing_the_wheel_enables_both_extensions(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    path = str(wheel.filename)
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    uv = [sys.executable, "-m", "uv", "pip", "install", "-q", "--no-deps", "--python", venv / "bin" / "python", path]
    subprocess.run(uv, check=True)
    (package,) = (venv / "share" / "jupyter" / "labextensions" / "jupyter-aml").glob("package.json")
    load = json.loads(package.read_text())["jupyterlab"]["_build"]["load"]
    assert (package.parent / load).stat().st_size > 0
    schemas = {path.name for path in (package.parent / "schemas" / "jupyter-aml").iterdir()}
    assert schemas == {path.name for path in (ROOT / "labextension" / "schema").iterdir()} != set()
    config = venv / "etc" / "jupyter" / "jupyter_server_config.d" / "jupyter-aml.json"
    assert json.loads(config.read_text()) == {"ServerApp": {"jpserver_extensions": {"jupyter_ext": True}}}
    server = importlib.import_module("jupyter_ext")._jupyter_server_extension_points()
    assert [point["module"] for point in server] == ["jupyter_ext.server"]


def test_the_package_needs_no_jupyter_server() -> None:
    code = "import sys, jupyter_ext.server, jupyter_ext.monitor.widget\nassert 'jupyter_server' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_dependencies_are_few(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.count("/") == 1 and name.endswith(".dist-info/METADATA")]
    lines = wheel.read(name).decode().splitlines()
    needed = [line for line in lines if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert 0 < len(needed) <= MOST_DEPENDENCIES
