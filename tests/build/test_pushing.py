"""The registry that a workspace's images go to: with passwords from everywhere, and with everything that goes wrong."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker.errors
import pytest
from parts import registry as registries
from parts import slow

from jupyter_ext.build import inventory
from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    AuthenticationException,
    EnvironmentBuildException,
    UserErrorException,
)
from jupyter_ext.store.image_registry import ImageRegistry, write_registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Builds
    from parts.registry import Registry

    from jupyter_ext.build import Built

pytestmark = pytest.mark.docker
VARIABLE = "AML_TEST_PUSH_PASSWORD"
WRONG = "wr0ng-and-secret-4711"


@pytest.fixture
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of Docker's own settings that no test shares."""
    folder = tmp_path / "docker-config"
    folder.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    return folder


@pytest.fixture
def named(builds: Builds, registry: Registry) -> ImageRegistry:
    """The workspace names the registry, and the variable that has the password."""
    record = ImageRegistry(registry.address, registry.username, VARIABLE)
    write_registry(builds.root, record)
    return record


@pytest.fixture
def tidy(client: Any) -> Iterator[list[str]]:
    """Names of images to remove after the test."""
    names: list[str] = []
    yield names
    for name in names:
        try:
            client.images.remove(name, force=True)
        except docker.errors.ImageNotFound:
            continue


def ask(define: Any, base_image: str, text: str = "ENV PUSHED=1") -> dict[str, Any]:
    asked: dict[str, Any] = define(dockerfile=f"FROM {base_image}\n{text}\n", user_managed=True)
    return asked


def test_what_is_removed_goes_by_all_its_names(
    builds: Builds, define: Any, base_image: str, registry: Registry, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, registry.password)
    write_registry(builds.root, ImageRegistry(registry.address, registry.username, VARIABLE))
    built = builds(ask(define, base_image, "ENV REMOVED=1"), container=True)
    assert len(client.images.get(built.image).tags) == 2
    container = client.containers.create(built.image, "true")
    assert inventory.remove(builds.root, built.key, lambda: False) is None
    container.remove()
    assert inventory.remove(builds.root, built.key, lambda: False) is not None
    assert not docker_engine.image_exists(str(built.image))


def check_elsewhere(client: Any, built: Built, registry: Registry) -> None:
    """Pull what was pushed, as another machine does."""
    assert built.pushed is not None
    assert "@sha256:" in built.pushed
    for tag in client.images.get(built.image).tags:
        client.images.remove(tag, force=True)
    assert not docker_engine.image_exists(str(built.image))
    login = {"username": registry.username, "password": registry.password}
    assert client.images.pull(built.pushed, auth_config=login).id == built.image


@pytest.mark.usefixtures("named", "docker_config")
def test_an_image_is_pushed_and_another_machine_pulls_it(
    builds: Builds,
    define: Any,
    base_image: str,
    registry: Registry,
    client: Any,
    tidy: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, registry.password)
    built = builds(ask(define, base_image), container=True)
    tidy.append(str(built.image))
    assert builds.steps[-1] == f"Push {registry.address}/{built.tag}"
    assert any(line.endswith(("Pushed", "Layer already exists")) or "Mounted" in line for line in builds.lines)
    assert builds.find(ask(define, base_image), container=True) is not None
    check_elsewhere(client, built, registry)


@pytest.mark.usefixtures("docker_config")
def test_a_registry_that_is_named_later_gets_what_was_built_before(
    builds: Builds, define: Any, base_image: str, registry: Registry, tidy: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = builds(ask(define, base_image, "ENV LATER=1"), container=True)
    tidy.append(str(first.image))
    write_registry(builds.root, ImageRegistry(registry.address, registry.username, VARIABLE))
    assert builds.find(ask(define, base_image, "ENV LATER=1"), container=True) is None
    monkeypatch.setenv(VARIABLE, registry.password)
    second = builds(ask(define, base_image, "ENV LATER=1"), container=True)
    assert second.image == first.image
    assert str(second.pushed).startswith(f"{registry.address}/jupyter-aml/")


@pytest.mark.usefixtures("named", "docker_config")
def test_a_wrong_password_is_told_and_is_nowhere(
    builds: Builds, define: Any, base_image: str, client: Any, tidy: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, WRONG)
    asked = ask(define, base_image, "ENV WRONG=1")
    asked["name"] = f"{asked['name']}-wrong"
    seen: list[str] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    seen.extend(word for word in path.read_text(errors="replace").split("\0") if WRONG in word)

    watch = threading.Thread(target=look)
    watch.start()
    try:
        with pytest.raises(
            AuthenticationException, match=f"refused the user 'tester'.*{VARIABLE}.*kept here"
        ) as caught:
            builds(asked, container=True)
    finally:
        done.set()
        watch.join()
    assert seen == []
    (built,) = client.images.list(f"jupyter-aml/{asked['name']}")
    tidy.append(built.id)
    image = client.api.history(built.id), client.api.inspect_image(built.id)
    told = [caught.value.message, str(builds.reports), str(image)]
    told += [path.read_text(errors="replace") for path in builds.root.rglob("*") if path.is_file()]
    assert not [text for text in told if WRONG in text]
    assert builds.find(asked, container=True) is None


def test_a_password_that_is_not_set_is_told(
    builds: Builds, define: Any, base_image: str, client: Any, named: ImageRegistry
) -> None:
    with pytest.raises(UserErrorException, match=f"{VARIABLE}, which holds the password of the registry"):
        builds(ask(define, base_image, "ENV UNSET=1"), container=True)


def test_docker_s_own_store_is_used(
    builds: Builds, define: Any, base_image: str, registry: Registry, client: Any, docker_config: Path, tidy: list[str]
) -> None:
    token = base64.b64encode(f"{registry.username}:{registry.password}".encode()).decode()
    (docker_config / "config.json").write_text(json.dumps({"auths": {registry.address: {"auth": token}}}))
    write_registry(builds.root, ImageRegistry(registry.address))
    built = builds(ask(define, base_image, "ENV STORED=1"), container=True)
    tidy.append(str(built.image))
    check_elsewhere(client, built, registry)


def test_docker_s_credential_helper_is_asked(
    builds: Builds,
    define: Any,
    base_image: str,
    registry: Registry,
    docker_config: Path,
    tidy: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    helper = tmp_path / "bin" / "docker-credential-amltest"
    helper.parent.mkdir()
    answer = json.dumps({"ServerURL": registry.address, "Username": registry.username, "Secret": registry.password})
    helper.write_text(f"#!/bin/sh\ncat > /dev/null\ncat <<'END'\n{answer}\nEND\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{helper.parent}{os.pathsep}{os.environ['PATH']}")
    (docker_config / "config.json").write_text(json.dumps({"credHelpers": {registry.address: "amltest"}}))
    write_registry(builds.root, ImageRegistry(registry.address))
    built = builds(ask(define, base_image, "ENV HELPED=1"), container=True)
    tidy.append(str(built.image))
    assert built.pushed
    helper.write_text("#!/bin/sh\necho broken; exit 1\n")
    with pytest.raises(EnvironmentBuildException, match="amltest"):
        builds(ask(define, base_image, "ENV HELPED=2"), container=True)


@pytest.mark.usefixtures("docker_config")
def test_the_keyring_is_asked(
    builds: Builds, define: Any, base_image: str, registry: Registry, tidy: list[str]
) -> None:
    import keyring
    from keyring.backend import KeyringBackend
    from keyring.errors import KeyringLocked

    class OneEntry(KeyringBackend):  # type: ignore[misc, unused-ignore]
        """A keyring of this process, since a machine without a desktop has none."""

        priority = -1
        locked = False

        def get_password(self, service: str, username: str) -> str | None:
            if self.locked:
                raise KeyringLocked
            return registry.password if (service, username) == (registry.address, registry.username) else None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise KeyringLocked

    before = keyring.get_keyring()
    mine = OneEntry()
    keyring.set_keyring(mine)
    try:
        write_registry(builds.root, ImageRegistry(registry.address, registry.username))
        built = builds(ask(define, base_image, "ENV KEYRING=1"), container=True)
        tidy.append(str(built.image))
        assert built.pushed
        mine.locked = True
        with pytest.raises(AuthenticationException, match=r"the keyring, or what 'docker login"):
            builds(ask(define, base_image, "ENV KEYRING=2"), container=True)
    finally:
        keyring.set_keyring(before)


@pytest.mark.usefixtures("docker_config")
def test_a_push_without_a_user_is_told(
    builds: Builds, define: Any, base_image: str, registry: Registry, client: Any
) -> None:
    write_registry(builds.root, ImageRegistry(registry.address))
    with pytest.raises(AuthenticationException, match=r"refused a push without a user.*docker login"):
        builds(ask(define, base_image, "ENV NOBODY=1"), container=True)


@pytest.mark.usefixtures("docker_config")
def test_a_slow_registry_is_watched(
    builds: Builds, define: Any, base_image: str, registry: Registry, tidy: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, registry.password)
    with slow.before(registry.address) as relay:
        write_registry(builds.root, ImageRegistry(relay.address, registry.username, VARIABLE))
        tidy.append(str(builds(ask(define, base_image, "ENV SLOW=1"), container=True).image))
        relay.delay = 0.05
        built = builds(ask(define, base_image, "RUN head -c 12000000 /dev/urandom > /new"), container=True)
        tidy.append(str(built.image))
        assert str(built.pushed).startswith(f"{relay.address}/jupyter-aml/")
    told = [line for line in builds.lines if line.startswith("Pushed ") and " of " in line]
    assert len(told) > 1
    assert told[-1].endswith("MB")


@pytest.mark.usefixtures("docker_config")
def test_a_registry_that_goes_away_is_told_and_taken_up_again(
    builds: Builds,
    define: Any,
    base_image: str,
    client: Any,
    tidy: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with registries.own(tmp_path / "registry") as (own, process):
        monkeypatch.setenv(VARIABLE, own.password)
        write_registry(builds.root, ImageRegistry(own.address, own.username, VARIABLE))
        asked = ask(define, base_image, "ENV AWAY=1")
        report = builds.start(asked, container=True)
        builds.wait_for(report, '"line":"Pushed ')
        process.kill()
        process.wait()
        output = report.communicate(timeout=200)[0]
        assert report.returncode == 1
        assert "could not be pushed" in output
        assert '"kind":"no network"' in output
        assert "kept here" in output
        again = registries.serve(tmp_path / "registry", own)
        try:
            built = builds(asked, container=True)
            tidy.append(str(built.image))
            assert str(built.pushed).startswith(own.address)
        finally:
            again.kill()
            again.wait()
