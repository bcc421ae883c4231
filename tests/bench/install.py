"""What installing the package adds to a JupyterLab that has numpy, bytecode counted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.table import Row, at_most

_ROOT = Path(__file__).resolve().parents[2]
_MB = 1e6


def measure(place: Path) -> list[Row]:
    venv = place / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [venv / "bin" / "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "install", "jupyterlab", "numpy"], check=True)
    bytes_before, versions_before = _size(venv), _versions(venv)
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place], cwd=_ROOT, check=True)
    subprocess.run([*pip, "install", *place.glob("*.whl")], check=True)
    moved = versions_before - _versions(venv)
    return [
        at_most(
            "pip install jupyter-aml, into JupyterLab with numpy: adds", (_size(venv) - bytes_before) / _MB, "MB", 150
        ),
        at_most("packages of JupyterLab's whose version it moves", len(moved), "", 0),
    ]


def _size(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir())


def _versions(venv: Path) -> set[str]:
    listed = subprocess.run([venv / "bin" / "pip", "freeze"], check=True, capture_output=True, text=True)
    return set(listed.stdout.splitlines())
