"""Holds what an installed package consists of: the built view, and the files that go inside a run."""

from __future__ import annotations

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


def test_nothing_but_the_package_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"jupyter_ext"}


def test_the_dependencies_are_few(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.count("/") == 1 and name.endswith(".dist-info/METADATA")]
    lines = wheel.read(name).decode().splitlines()
    needed = [line for line in lines if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert 0 < len(needed) <= MOST_DEPENDENCIES
