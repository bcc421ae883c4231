from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.build import image_list, inventory
from jupyter_ext.engines import docker_engine

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Builds

pytestmark = pytest.mark.docker


def test_images_are_listed_and_those_without_use_removed(
    builds: Builds, define: Any, base_image: str, client: Any
) -> None:
    built = builds(define(dockerfile=f"FROM {base_image}\nENV LISTED=1\n", user_managed=True), container=True)
    (kept,) = image_list.images(builds.root)
    assert (kept.tag, kept.image, kept.used) == (built.tag, built.image, False)
    assert kept.size_bytes == built.size_bytes
    assert kept.created <= time.time()
    assert kept in image_list.images()
    container = client.containers.create(built.image, "true")
    assert [each.used for each in image_list.images(builds.root)] == [True]
    assert not image_list.remove(kept)
    container.remove()
    assert image_list.remove(kept)
    assert not docker_engine.image_exists(str(built.image))
    assert image_list.images(builds.root) == []
    assert image_list.remove(kept)


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


@pytest.mark.usefixtures("no_engine")
def test_without_an_engine_there_are_none(builds: Builds) -> None:
    assert image_list.images(builds.root) == []
