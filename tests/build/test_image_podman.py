"""Images through Podman's socket, which has a builder of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from parts import podman

from jupyter_ext.build import buildkit, inventory
from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Builds

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def socket(base_image: str, engine: str, part: Callable[[Callable[[], Any]], Any]) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="aml-podman-", ignore_cleanup_errors=True) as name:
        making = podman.started(Path(name), engine)
        yield part(making.__enter__)
        making.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def _its_socket(socket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", socket)
    assert not buildkit.is_offered()


def test_a_dockerfile_with_packages_on_top(builds: Builds, define: Any, base_image: str) -> None:
    asked = define(["six"], dockerfile=f"FROM {base_image}\nRUN echo said\n")
    built = builds(asked, container=True)
    assert built.python == "/opt/aml/venv/bin/python"
    assert any(line.startswith("six==") for line in built.lock)
    assert "said" in builds.lines
    assert f"FROM {base_image}" in builds.steps
    assert docker_engine.image_id(str(built.tag)) == built.image
    assert builds.find(asked, container=True) is not None
    assert inventory.remove(builds.root, built.key, lambda: False)
    assert builds.find(asked, container=True) is None


def test_a_failing_step_is_shown_with_its_line(builds: Builds, define: Any, base_image: str) -> None:
    text = f"FROM {base_image}\n\nRUN echo before; exit 7\nENV A=1\n"
    with pytest.raises(EnvironmentBuildException, match=r"at line 3 of .*\nbefore\nexit code: 7") as caught:
        builds(define(dockerfile=text), container=True)
    assert caught.value.line == 3
