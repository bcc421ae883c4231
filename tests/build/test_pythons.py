from __future__ import annotations

import platform
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from parts.conda_channel import Channel

from jupyter_ext.build import pythons
from jupyter_ext.build.conda_channels import Channels
from jupyter_ext.build.reporter import Reporter
from jupyter_ext.build.uv import Uv
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException, UserErrorException

if TYPE_CHECKING:
    from pathlib import Path

OURS = platform.python_version()
NO_CHANNELS = Channels(())
NO_UV: Any = None


@pytest.mark.parametrize("asked", [None, OURS, OURS.rpartition(".")[0], ">=3.8", "3.*", "3"])
def test_ours_is_taken_where_it_fits(asked: str | None) -> None:
    assert pythons.choose(asked, NO_UV, NO_CHANNELS) == pythons.Choice(sys.executable)


@pytest.fixture
def bare(tmp_path: Path) -> Uv:
    """uv on a machine with no other Python, to which none can be fetched."""
    nowhere = str(tmp_path / "nowhere")
    uv = Uv(Reporter(lambda _: None, [tmp_path / "log"]), tmp_path)
    uv.environment = {
        "PATH": nowhere,
        "HOME": str(tmp_path),
        "PYENV_ROOT": nowhere,
        "UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9",
    }
    return uv


def test_what_cannot_be_had_is_told_at_once(bare: Uv) -> None:
    started = time.monotonic()
    choice = pythons.choose("3.8.13", bare, Channels(("http://127.0.0.1:9/channel",)))
    assert choice.path == sys.executable
    assert choice.note == f"Python 3.8.13 cannot be had here: {OURS} is used."
    assert time.monotonic() - started < 15


def test_no_other_will_do(bare: Uv) -> None:
    with pytest.raises(EnvironmentBuildException, match=r"Python 3\.4\.1 cannot be had here.*--python-exact"):
        pythons.choose("3.4.1", bare, NO_CHANNELS, exact=True)


def test_a_conda_channel_is_asked(bare: Uv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATTLER_CACHE_DIR", str(tmp_path / "cache"))
    channel = Channel(tmp_path / "channel")
    channel.add("python", "3.4.1")
    channel.add("python", "3.4.9")
    channel.index()
    channels = Channels((channel.url,))
    choice = pythons.choose("3.4.1", bare, channels)
    assert choice.conda is not None
    assert (choice.conda.python, choice.note) == ("3.4.1", None)
    near = pythons.choose("3.4.2", bare, channels)
    assert near.conda is not None
    assert (near.conda.python, near.note) == ("3.4.9", "Python 3.4.2 cannot be had here: 3.4.9 is used.")


def test_the_same_minor_version_is_nearest(bare: Uv) -> None:
    minor = OURS.rpartition(".")[0]
    choice = pythons.choose(f"{minor}.99", bare, NO_CHANNELS)
    assert choice == pythons.Choice(sys.executable, f"Python {minor}.99 cannot be had here: {OURS} is used.")


def test_pyenv_is_asked(bare: Uv, tmp_path: Path) -> None:
    python = tmp_path / "pyenv" / "versions" / "3.4.7" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    bare.environment["PYENV_ROOT"] = str(tmp_path / "pyenv")
    assert pythons.choose("3.4", bare, NO_CHANNELS).path == str(python)


def test_nonsense_is_refused() -> None:
    with pytest.raises(UserErrorException, match="not a Python version"):
        pythons.specifier("three")
