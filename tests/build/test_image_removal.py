from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.build import image_removal, inventory
from jupyter_ext.engines import docker_engine

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Builds

pytestmark = pytest.mark.docker


def test_an_image_that_a_container_uses_stays(builds: Builds, define: Any, base_image: str, client: Any) -> None:
    built = builds(define(dockerfile=f"FROM {base_image}\nENV LISTED=1\n", user_managed=True), container=True)
    container = client.containers.create(built.image, "true")
    assert not image_removal.remove(str(built.tag))
    container.remove()
    assert image_removal.remove(str(built.tag))
    assert not docker_engine.image_exists(str(built.image))
    assert image_removal.remove(str(built.tag))


def test_an_image_of_several_names_loses_its_own_alone(
    builds: Builds, define: Any, base_image: str, client: Any
) -> None:
    text = f"FROM {base_image}\nENV SHARED=1\n"
    old = builds(define(dockerfile=text, user_managed=True), container=True)
    new = builds(define(dockerfile=f"{text}# the same\n", user_managed=True), container=True)
    assert old.image == new.image
    client.images.get(str(old.image)).tag("aml-test/another-name", "1")
    try:
        assert inventory.remove(builds.root, old.key, lambda: False) == 0
        assert sorted(client.images.get(str(new.image)).tags) == sorted(["aml-test/another-name:1", new.tag])
        assert builds.find(define(dockerfile=f"{text}# the same\n", user_managed=True), container=True) is not None
        assert inventory.remove(builds.root, new.key, lambda: False) == 0
        assert client.images.get(str(new.image)).tags == ["aml-test/another-name:1"]
    finally:
        client.images.remove("aml-test/another-name:1")


def test_two_workspaces_give_back_their_own_alone(
    builds: Builds, define: Any, base_image: str, client: Any, tmp_path: Path
) -> None:
    asked = define(dockerfile=f"FROM {base_image}\nENV OURS=1\n", user_managed=True)
    other = type(builds)(tmp_path / "other")
    mine, theirs = builds(asked, container=True), other(asked, container=True)
    assert mine.image == theirs.image
    assert inventory.remove(builds.root, mine.key, lambda: False) is not None
    assert builds.find(asked, container=True) is None
    assert other.find(asked, container=True) is not None
    assert inventory.remove(other.root, theirs.key, lambda: False) is not None
    assert not docker_engine.image_exists(str(mine.image))
