"""A disk that is too small for the environment."""

from __future__ import annotations

import os
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from parts import MissingPart
from parts.conda_channel import Channel

from jupyter_ext.build import failures
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Builds

BIG = 6_000_000


@pytest.fixture
def small(builds: Builds, tmp_path: Path, part: Callable[..., None]) -> Iterator[Builds]:
    """Builds on a disk of four megabytes."""
    path = tmp_path / "small"
    path.mkdir()

    def mount() -> None:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(path)], check=False).returncode:
            raise MissingPart("a disk of a few megabytes needs the right to mount one")

    part(mount)
    builds.root = path / "environments"
    yield builds
    subprocess.run(["umount", str(path)], check=True)


def test_pip_packages_that_do_not_fit(small: Builds, define: Any, wheels: Path) -> None:
    with zipfile.ZipFile(wheels / "aml_one-2.0-py3-none-any.whl", "a") as archive:
        archive.writestr("big.bin", os.urandom(BIG))
    asked = define(["--no-index", f"--find-links {wheels}", "aml-one"])
    with pytest.raises(EnvironmentBuildException, match="%aml envs prune") as caught:
        small(asked)
    assert caught.value.kind == failures.NO_SPACE
    assert caught.value.step == f"pip install --no-index --find-links {wheels} aml-one"
    assert small.find(asked) is None
    assert not list(small.root.glob("*/venv-*"))


def test_conda_packages_that_do_not_fit(
    small: Builds, define: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATTLER_CACHE_DIR", str(tmp_path / "conda-cache"))
    channel = Channel(tmp_path / "channel")
    channel.add("big", "1.0", {"share/big": os.urandom(BIG)})
    channel.add("python", "3.11.0")
    channel.index()
    with pytest.raises(EnvironmentBuildException, match="%aml envs prune") as caught:
        small(define(conda=["big"], channels=[channel.url]))
    assert caught.value.kind == failures.NO_SPACE
    assert not list(small.root.glob("*/venv-*"))


def test_no_room_for_a_log(small: Builds, define: Any) -> None:
    small.root.mkdir()
    with pytest.raises(OSError, match="No space left"):
        (small.root / "filler").write_bytes(b"x" * BIG)
    with pytest.raises(EnvironmentBuildException, match="%aml envs prune") as caught:
        small(define())
    assert caught.value.kind == failures.NO_SPACE
