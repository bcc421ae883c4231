"""An engine that a test may end, or whose disk is small."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from parts import base_image, own_engine
from parts.submitting import until

from jupyter_ext.build import failures
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Builds
    from parts.own_engine import OwnEngine

pytestmark = pytest.mark.docker
BUILDERS = pytest.mark.parametrize("builder", ["buildkit", "classic"])
_DISK = "330m"  # the base image, and a little


@pytest.fixture
def root() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="aml-engine-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def small(root: Path, part: Callable[[Callable[[], Any]], Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnEngine]:
    """An engine with a small disk."""
    making = own_engine.started(root, _DISK)
    engine = part(making.__enter__)
    monkeypatch.setenv("DOCKER_HOST", engine.address)
    yield engine
    making.__exit__(None, None, None)


@BUILDERS
def test_it_is_killed_in_the_middle(
    builds: Builds, define: Any, small: OwnEngine, builder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_BUILDKIT", "1" if builder == "buildkit" else "0")
    mark = uuid.uuid4().hex
    text = f"FROM {base_image.NAME}\nRUN echo {mark}; sleep 300\n"
    process = builds.start(define(dockerfile=text, user_managed=True), container=True)
    builds.wait_for(process, f'"line":"{mark}"')
    small.process.kill()
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert '"type":"EngineNotAnswering"' in output
    assert not list(builds.root.glob("*/ready.json"))


@BUILDERS
def test_it_is_killed_while_an_image_is_looked_into(
    builds: Builds, define: Any, small: OwnEngine, builder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_BUILDKIT", "1" if builder == "buildkit" else "0")
    sleeps = "#!/bin/sh\\nexec sleep 60.4711"
    place = "/usr/local/bin/python"
    text = f"FROM {base_image.NAME}\nRUN rm {place}; printf '{sleeps}' > {place} && chmod +x {place}\n"
    process = builds.start(define(dockerfile=text, user_managed=True), container=True)
    until(lambda: any(one.info["cmdline"] == ["sleep", "60.4711"] for one in psutil.process_iter(["cmdline"])), 60)
    small.process.kill()
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert '"type":"EngineNotAnswering"' in output


@BUILDERS
def test_its_disk_is_full(
    builds: Builds, define: Any, small: OwnEngine, builder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_BUILDKIT", "1" if builder == "buildkit" else "0")
    text = f"FROM {base_image.NAME}\n\nRUN dd if=/dev/zero of=/big bs=1M count=500\n"
    with pytest.raises(EnvironmentBuildException, match=r"line 3 .*(.*\n)*.*envs prune") as caught:
        builds(define(dockerfile=text, user_managed=True), container=True)
    assert (caught.value.kind, caught.value.line) == (failures.NO_SPACE, 3)
    smaller = text.replace("500", "1")
    assert builds(define(dockerfile=smaller, user_managed=True), container=True).image  # it was given back
