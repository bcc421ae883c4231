"""The images that were built here: how large and how old they are, and giving back the disk of those without use."""

from __future__ import annotations

import contextlib
import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.build.image_conda import LAYERS
from jupyter_ext.build.records import IMAGES, Built
from jupyter_ext.engines import docker_engine

if TYPE_CHECKING:
    from pathlib import Path

_PODMANS = re.compile("^(localhost|docker[.]io)/")  # what Podman puts before a name without a registry


@dataclass(frozen=True)
class KeptImage:
    """An image in the engine.

    Parameters
    ----------
    tag, image
        Its name and its id.
    size_bytes
        With the layers that it shares with others.
    created
        Seconds since 1970.
    used
        Whether there is a container of it, running or not.
    """

    tag: str
    image: str
    size_bytes: int
    created: float
    used: bool


def images(root: Path | None = None) -> list[KeptImage]:
    """Return the images that were built, the oldest first; none where no engine answers.

    Parameters
    ----------
    root
        The folder of all environments of a workspace, for its images alone; None for all that the engine has.
    """
    used = {str(container["ImageID"]) for container in docker_engine.containers()}
    found = [
        KeptImage(tag, str(each["Id"]), int(each["Size"]), float(each["Created"]), str(each["Id"]) in used)
        for each in docker_engine.images()
        for tag in (_PODMANS.sub("", str(name)) for name in each.get("RepoTags") or [])
        if tag.startswith(IMAGES) and not tag.startswith(LAYERS)
    ]
    mine = None if root is None else _tags_of(root)
    kept = [each for each in found if mine is None or each.tag in mine]
    return sorted(kept, key=lambda each: each.created)


def remove(image: KeptImage) -> bool:
    """Remove an image by its name, and what it was pushed as; tell whether that is gone.

    An image that a container uses stays. So do its other names: they are other environments', or the user's own.
    Conda layers that nothing stands on any more go with it.

    Raises
    ------
    EngineNotAnswering
        No engine answers.
    """
    import docker.errors  # noqa: PLC0415 - the client library is loaded where something is removed

    with docker_engine.session() as engine:
        if any(container["ImageID"] == image.image for container in engine.api.containers(all=True)):
            return False
        try:
            found = engine.images.get(image.image)
            for name in [each for each in found.tags if f"/{each}".endswith(f"/{image.tag}")]:
                engine.images.remove(name)
        except docker.errors.ImageNotFound:
            return True
        except docker.errors.APIError:  # a container has been made of it in this moment
            return False
        _remove_layers(engine, str(found.attrs["Created"]))
    return True


def remove_unnamed(image: str) -> bool:
    """Remove an image that has no name any more; one with a name, or that a container uses, stays.

    Raises
    ------
    EngineNotAnswering
        No engine answers.
    """
    import docker.errors  # noqa: PLC0415 - the client library is loaded where something is removed

    with docker_engine.session() as engine:
        if any(container["ImageID"] == image for container in engine.api.containers(all=True)):
            return False
        try:
            if engine.images.get(image).tags:
                return False
            engine.images.remove(image)
        except docker.errors.ImageNotFound:
            return True
        except docker.errors.APIError:  # another image stands on it
            return False
    return True


def _tags_of(root: Path) -> set[str]:
    """Return the names of the images that a workspace's environments are."""
    found = set()
    for file in root.glob("*/ready.json"):
        with contextlib.suppress(OSError, msgspec.DecodeError):
            found.add(msgspec.json.decode(file.read_bytes(), type=Built).tag or "")
    return found


def _remove_layers(engine: Any, before: str) -> None:
    """Remove the conda layers on which no image stands; a newer one may be needed by a build that goes on."""
    facts = [each for each in map(functools.partial(_facts, engine), docker_engine.images()) if each]
    layers = [each for each in facts if any(tag.startswith(LAYERS) for tag in each["RepoTags"] or [])]
    others = [each for each in facts if not all(tag.startswith(LAYERS) for tag in each["RepoTags"] or [""])]
    needed = [tuple(each["RootFS"].get("Layers") or ()) for each in others]
    for each in layers:
        own = tuple(each["RootFS"]["Layers"])
        if each["Created"] <= before and not any(its[: len(own)] == own for its in needed):
            for name in each["RepoTags"]:
                engine.images.remove(name)


def _facts(engine: Any, image: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the engine knows of an image, or None where it is gone by now."""
    from docker.errors import NotFound  # noqa: PLC0415 - loaded with the client

    try:
        facts: dict[str, Any] = engine.api.inspect_image(image["Id"])
    except NotFound:
        return None
    return facts
