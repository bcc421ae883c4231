"""Fixtures of the tests of what goes inside a run."""

import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from in_run import Inside, old_python
from parts import MissingPart


@pytest.fixture
def inside(tmp_path: pathlib.Path) -> Inside:
    return Inside(tmp_path / "run")


@pytest.fixture(params=["new", "3.6"])
def any_python(request: pytest.FixtureRequest) -> str:
    if request.param == "new":
        return sys.executable
    old = old_python()
    if old is None:
        pytest.skip("no Python 3.6 is installed")
    return old


def _mount(path: pathlib.Path) -> pathlib.Path:
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise MissingPart("no small disk can be mounted: there is no mount program") from None
    if done.returncode:
        raise MissingPart(f"no small disk can be mounted, which needs root: {done.stderr.strip()}")
    return path


@pytest.fixture
def small_disk(
    tmp_path: pathlib.Path, part: Callable[[Callable[[], pathlib.Path]], pathlib.Path]
) -> Iterator[pathlib.Path]:
    """A disk of 256 KiB."""
    path = part(lambda: _mount(tmp_path / "disk"))
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)
