from __future__ import annotations

import platform
import sys
import time
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.build import pythons, venv
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from pathlib import Path

OURS = platform.python_version()


@pytest.mark.parametrize("asked", [None, OURS, OURS.rpartition(".")[0], ">=3.8", "3.*", "3"])
def test_ours_is_taken_where_it_fits(asked: str | None) -> None:
    assert pythons.choose(asked, "no-uv", {}) == pythons.Choice(sys.executable)


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """Variables of a machine with no other Python, from which none can be fetched."""
    nowhere = str(tmp_path / "nowhere")
    return {
        "PATH": nowhere,
        "HOME": str(tmp_path),
        "PYENV_ROOT": nowhere,
        "UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9",
    }


def test_what_cannot_be_had_is_told_at_once(bare: dict[str, str]) -> None:
    started = time.monotonic()
    choice = pythons.choose("3.8.13", venv.find_uv(), bare)
    assert choice.path == sys.executable
    assert choice.note == f"Python 3.8.13 cannot be had here: {OURS} is used."
    assert time.monotonic() - started < 15


def test_the_same_minor_version_is_nearest(bare: dict[str, str]) -> None:
    minor = OURS.rpartition(".")[0]
    choice = pythons.choose(f"{minor}.99", venv.find_uv(), bare)
    assert choice == pythons.Choice(sys.executable, f"Python {minor}.99 cannot be had here: {OURS} is used.")


def test_pyenv_is_asked(bare: dict[str, str], tmp_path: Path) -> None:
    python = tmp_path / "pyenv" / "versions" / "3.4.7" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert pythons.choose("3.4", "no-uv", {**bare, "PYENV_ROOT": str(tmp_path / "pyenv")}).path == str(python)


def test_nonsense_is_refused() -> None:
    with pytest.raises(UserErrorException, match="not a Python version"):
        pythons.specifier("three")
