from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from parts import slow

from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    AuthenticationException,
    EnvironmentBuildException,
    UserErrorException,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Builds
    from parts.registry import Registry

pytestmark = pytest.mark.docker
VARIABLE = "AML_TEST_REGISTRY_PASSWORD"
_NEW_MEGABYTES = 12  # of a layer that the engine has not got


@pytest.fixture
def private(base_image: str, registry: Registry) -> Iterator[str]:
    """The name of an image that only the registry has."""
    name = f"{registry.address}/team/python"
    client = docker_engine.client()
    client.images.get(base_image).tag(name, "1")
    login = {"username": registry.username, "password": registry.password}
    answer = client.api.push(name, "1", auth_config=login)
    assert '"error"' not in answer, answer
    client.images.remove(f"{name}:1")
    yield f"{name}:1"
    if docker_engine.image_exists(f"{name}:1"):
        client.images.remove(f"{name}:1")
    client.close()


def section(registry: Registry, **more: Any) -> dict[str, Any]:
    return {"address": registry.address, "username": registry.username, "passwordEnv": VARIABLE, **more}


def test_a_base_image_is_pulled(
    builds: Builds, define: Any, registry: Registry, private: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, registry.password)
    built = builds(define(image="team/python:1", user_managed=True, registry=section(registry)), container=True)
    assert built.tag == private
    assert builds.steps == [f"Pull {private}", "Check Python"]
    kept = [path.read_text() for path in builds.root.rglob("*") if path.is_file()]
    assert not [text for text in (*kept, str(builds.reports)) if registry.password in text]


@pytest.mark.usefixtures("client")
def test_the_base_of_a_dockerfile_is_pulled(
    builds: Builds, define: Any, registry: Registry, private: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, registry.password)
    asked = define(dockerfile=f"FROM {private}\nENV A=1\n", registry=section(registry))
    assert list(builds(asked, container=True).bases) == [private]


def test_a_password_in_the_definition_is_used_and_not_kept(
    builds: Builds, define: Any, registry: Registry, private: str
) -> None:
    given = section(registry, password=registry.password, passwordEnv=None)
    built = builds(define(image=private, user_managed=True, registry=given), container=True)
    assert built.tag == private
    assert not [path for path in builds.root.rglob("*") if path.is_file() and registry.password in path.read_text()]


def test_a_wrong_password_is_told_and_not_shown(
    builds: Builds, define: Any, registry: Registry, private: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "not-the-password")
    with pytest.raises(AuthenticationException, match=f"refused the user 'tester'.*{VARIABLE}") as caught:
        builds(define(image=private, registry=section(registry)), container=True)
    assert "not-the-password" not in caught.value.message
    assert builds.find(define(image=private, registry=section(registry)), container=True) is None


def test_a_password_that_is_not_set_is_told(builds: Builds, define: Any, registry: Registry, private: str) -> None:
    with pytest.raises(UserErrorException, match=f"{VARIABLE}, which holds the password"):
        builds(define(image=private, registry=section(registry)), container=True)


def test_no_user_named_is_told(builds: Builds, define: Any, private: str) -> None:
    with pytest.raises(EnvironmentBuildException, match=r"is private"):
        builds(define(image=private), container=True)


def test_a_tag_that_is_not_there_is_told(
    builds: Builds, define: Any, registry: Registry, private: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, registry.password)
    absent = private.removesuffix(":1") + ":2"
    with pytest.raises(EnvironmentBuildException, match="no such image or tag"):
        builds(define(image=absent, registry=section(registry)), container=True)


@pytest.fixture
def new_layer(private: str, base_image: str, registry: Registry, tmp_path: Path) -> Iterator[str]:
    """The name of an image that only the registry has, with a layer that the engine has to download."""
    name = f"{registry.address}/team/large"
    (tmp_path / "large").mkdir()
    (tmp_path / "large" / "data").write_bytes(os.urandom(_NEW_MEGABYTES * 1_000_000))
    (tmp_path / "large" / "Dockerfile").write_text(f"FROM {base_image}\nCOPY data /data\n")
    client = docker_engine.client()
    client.images.build(path=str(tmp_path / "large"), tag=f"{name}:1", rm=True)
    client.api.push(name, "1", auth_config={"username": registry.username, "password": registry.password})
    client.images.remove(f"{name}:1")
    yield f"{name}:1"
    client.close()


def test_a_slow_registry_is_watched(
    builds: Builds, define: Any, registry: Registry, new_layer: str, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, registry.password)
    with slow.before(registry.address, delay=0.05) as relay:
        image = new_layer.replace(registry.address, relay.address)
        asked = define(image=image, user_managed=True, registry={**section(registry), "address": relay.address})
        builds(asked, container=True)
        client.images.remove(image)
    told = [line for line in builds.lines if line.startswith("Downloaded ")]
    assert len(told) > 1
    assert told[-1].endswith(f" of {_NEW_MEGABYTES}.0 MB")
    assert not [path for path in builds.root.glob("*/build.log") if "Downloaded 1" in path.read_text()]


def test_a_silent_registry_holds_up_nobody_who_stops_it(
    builds: Builds, define: Any, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, registry.password)
    with slow.before(registry.address) as relay:
        relay.silent = True
        given = {**section(registry), "address": relay.address}
        process = builds.start(define(image="team/silent:1", user_managed=True, registry=given), container=True)
        builds.wait_for(process, f'"text":"Pull {relay.address}/team/silent:1"')
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
        assert process.returncode == 130
