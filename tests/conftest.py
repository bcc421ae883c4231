"""Fixtures that all tests share.

A part that cannot be had skips its tests, with the reason; ``AML_TEST_REQUIRE=all`` makes that a failure.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from parts import MissingPart, base_image, engine, registry
from parts.ray_cluster import nodes  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    T = TypeVar("T")


def _part(make: Callable[[], T]) -> T:
    try:
        return make()
    except MissingPart as missing:
        if os.environ.get("AML_TEST_REQUIRE") == "all":
            pytest.fail(f"a part is missing: {missing}", pytrace=False)
        pytest.skip(str(missing))


@pytest.fixture(scope="session", name="part")
def _part_fixture() -> Callable[[Callable[[], T]], T]:
    """Calls a function that makes a part: a part that is missing skips the test, or fails it."""
    return _part


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty run home of this test's own."""
    path = tmp_path / "aml-home"
    monkeypatch.setenv("AML_HOME", str(path))
    return path


@pytest.fixture
def no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no container engine answers."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-engine.sock")


@pytest.fixture(scope="session", name="engine")
def _engine() -> Iterator[str]:
    """The address of a real Docker engine; ``DOCKER_HOST`` names it until the session ends."""
    address = _part(engine.start)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", address)
        yield address


@pytest.fixture(scope="session", name="base_image")
def _base_image(engine: str) -> str:
    """The name of an image with Python 3.11, pip and venv, from which the package index can be reached."""
    return _part(lambda: base_image.make(engine))


@pytest.fixture(scope="session", name="registry")
def _registry() -> registry.Registry:
    """A registry that asks for a user name and a password."""
    return _part(registry.start)
