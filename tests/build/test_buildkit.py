"""What a docker program gives that a build over the engine's socket alone has not, and how its account is read."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.build import docker_program, image_failures, trace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Builds


@pytest.mark.docker
@pytest.mark.usefixtures("client")
def test_a_secret_is_asked_of_a_docker_program(
    builds: Builds, define: Any, base_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert docker_program.find()
    said = uuid.uuid4().hex  # else the engine's cache says nothing the second time
    text = f"FROM {base_image}\nRUN --mount=type=secret,id=mine echo {said}\n"
    assert builds(define(dockerfile=text, user_managed=True), container=True).image
    assert said in builds.lines
    monkeypatch.setenv("PATH", str(tmp_path))
    other = define(dockerfile=text.replace(said, "alone"), user_managed=True)
    with pytest.raises(EnvironmentBuildException, match="install one that speaks to BuildKit") as caught:
        builds(other, container=True)
    assert (caught.value.kind, caught.value.line) == (image_failures.ASKS_BACK, 2)


@pytest.mark.docker
@pytest.mark.usefixtures("client")
def test_a_download_that_fails_is_the_step_s(builds: Builds, define: Any, base_image: str) -> None:
    text = f"FROM {base_image}\n\nADD http://127.0.0.1:9/file /\n"
    with pytest.raises(EnvironmentBuildException, match="line 3 of the Dockerfile") as caught:
        builds(define(dockerfile=text, user_managed=True), container=True)
    assert caught.value.kind == "no network"


@pytest.mark.parametrize("data", [b"\x80", b"\x0b"])
def test_what_is_no_account_is_told(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"ends in its middle|unknown way"):
        list(trace.read(data))
