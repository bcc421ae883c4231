"""What has been built and is kept, and how it gives its disk back."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.build import definition as definitions
from jupyter_ext.build import image_removal, keys
from jupyter_ext.build.places import Place, size_of
from jupyter_ext.build.records import IMAGES, Built
from jupyter_ext.engines import docker_engine
from jupyter_ext.store.locks import Lock, is_locked

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

_KEY = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Kept:
    """Something that was built.

    Parameters
    ----------
    key
        Its content hash.
    built
        What is known of it; None for what is left of a build that was killed.
    built_at
        When, in Unix seconds.
    building
        Whether it is being built right now.
    """

    key: str
    built: Built | None
    built_at: float
    building: bool


def key_of(definition: Mapping[str, Any], *, container: bool, folder: Path | None = None) -> str:
    """Return the content hash of an environment; see :func:`jupyter_ext.build.check`."""
    return keys.key_of(definitions.read(definition, container=container, folder=folder or Path.cwd()))


def kept(root: Path, *, failed: bool = False) -> list[Kept]:
    """Return what lies in the folder of all environments of a workspace, the newest last.

    Parameters
    ----------
    root
        The folder.
    failed
        Also that of which a build has left its log alone.
    """
    found = []
    for folder in root.iterdir() if root.is_dir() else []:
        place = Place(root, folder.name)
        if not _KEY.fullmatch(folder.name):
            continue
        built, building = place.read(), is_locked(place.lock)
        if built is not None or building or place.venvs or (failed and place.is_half_built):
            since = place.ready if built is not None else folder
            found.append(Kept(place.key, built, since.stat().st_mtime, building))
    return sorted(found, key=lambda one: one.built_at)


def remove(root: Path, key: str, in_use: Callable[[], bool]) -> int | None:
    """Remove what was built; what it was made of stays on record, so that it can be made again.

    Parameters
    ----------
    root
        The folder of all environments of a workspace.
    key
        Its content hash.
    in_use
        Tells whether a live run uses it. It is asked once nothing can find it any more.

    Returns
    -------
    int or None
        How many bytes that gives back; None where it is in use or being built, and stays.
    """
    place = Place(root, key)
    lock = Lock(place.lock)
    if not lock.acquire():
        return None
    aside = place.ready.with_suffix(".removed")
    built = place.read()
    try:
        size = size_on_disk(root, key)
        if built is not None:
            place.ready.rename(aside)
        gone = False
        try:
            gone = not in_use() and (built is None or built.kind != "image" or _without_image(built))
        finally:
            if built is not None and not gone:
                aside.rename(place.ready)
        if not gone:
            return None
        if built is not None and built.image and docker_engine.image_exists(built.image):
            size = 0  # it has another name
        for image in built.replaced if built is not None else ():
            image_removal.remove_unnamed(image)
        for venv in place.venvs:
            shutil.rmtree(venv, ignore_errors=True)
        for file in (place.log, place.events, aside):
            file.unlink(missing_ok=True)
        return size
    finally:
        lock.release()


def remove_superseded(root: Path, key: str, used: Collection[str], *, dry: bool = False) -> int:
    """Remove what later builds of the same definition have taken the place of.

    Parameters
    ----------
    root
        The folder of all environments of a workspace.
    key
        The content hash.
    used
        The interpreters and the ids of the images of live runs: what they use stays.
    dry
        Only tell what that would give back.

    Returns
    -------
    int
        How many bytes that gives back.
    """
    place = Place(root, key)
    lock = Lock(place.lock)
    if not lock.acquire():
        return 0
    try:
        built = place.read()
        taken = {Path(python).parent.parent for python in (*used, built.python if built else "")}
        old = [venv for venv in place.venvs if venv not in taken] if built else []
        size = sum(size_of(venv) for venv in old)
        for venv in [] if dry else old:
            shutil.rmtree(venv, ignore_errors=True)
        return size + (_remove_replaced(place, built, used, dry=dry) if built else 0)
    finally:
        lock.release()


def _remove_replaced(place: Place, built: Built, used: Collection[str], *, dry: bool = False) -> int:
    """Remove the images that an image has taken the place of; return how many bytes that gives back."""
    size, stay = 0, []
    below = max((docker_engine.image_size(base) for base in built.bases.values()), default=0)
    for image in built.replaced:
        own = max(0, docker_engine.image_size(image) - below)
        if image in used or not (dry or image_removal.remove_unnamed(image)):
            stay.append(image)
        else:
            size += own
    if not dry and stay != built.replaced:
        place.write(msgspec.structs.replace(built, replaced=stay))
    return size


def size_on_disk(root: Path, key: str) -> int:
    """Return how many bytes are an environment's alone: of a build that did not end, what it has left.

    Parameters
    ----------
    root
        The folder of all environments of a workspace.
    key
        The content hash.
    """
    place = Place(root, key)
    built = place.read()
    return _own_size(built) if built is not None else sum(map(size_of, place.venvs))


def _own_size(built: Built) -> int:
    """Return of an image the bytes on top of the ones it started from."""
    if built.kind != "image":
        return built.size_bytes
    if not (built.tag or "").startswith(IMAGES):
        return 0
    return max(0, built.size_bytes - max((docker_engine.image_size(base) for base in built.bases.values()), default=0))


def _without_image(built: Built) -> bool:
    """Remove an image that was built here; tell whether it is gone, or was never ours."""
    tag = built.tag or ""
    if not tag.startswith(IMAGES):
        return True
    return docker_engine.engine_answers() and image_removal.remove(tag)
