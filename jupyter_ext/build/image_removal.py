"""Gives back the disk of images that were built here."""

from __future__ import annotations

import functools
from typing import Any

from jupyter_ext.build.image_conda import LAYERS
from jupyter_ext.engines import docker_engine


def remove(tag: str) -> bool:
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
        try:
            found = engine.images.get(tag)
            if _is_used(engine, str(found.id)):
                return False
            for name in [each for each in found.tags if f"/{each}".endswith(f"/{tag}")]:
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
        try:
            if _is_used(engine, image) or engine.images.get(image).tags:
                return False
            engine.images.remove(image)
        except docker.errors.ImageNotFound:
            return True
        except docker.errors.APIError:  # another image stands on it
            return False
    return True


def _is_used(engine: Any, image: str) -> bool:
    """Tell whether there is a container of an image, running or not."""
    return any(container["ImageID"] == image for container in engine.api.containers(all=True))


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
