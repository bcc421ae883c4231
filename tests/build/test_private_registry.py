from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    AuthenticationException,
    EnvironmentBuildException,
    UserErrorException,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Builds
    from parts.registry import Registry

pytestmark = pytest.mark.docker
VARIABLE = "AML_TEST_REGISTRY_PASSWORD"


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
