"""Builds an environment once: finds what was built before, and lets one process at a time build the same."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.build import conda_channels, failures, keys, places, watching
from jupyter_ext.build import definition as definitions
from jupyter_ext.build.places import Place
from jupyter_ext.build.records import IMAGES, Built, Progress
from jupyter_ext.build.reporter import Reporter
from jupyter_ext.engines import docker_engine
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    EngineNotAnswering,
    EnvironmentBuildException,
    UserErrorException,
)
from jupyter_ext.store.default_images import DEFAULT_IMAGES
from jupyter_ext.store.image_registry import read_registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jupyter_ext.build.definition import Asked
    from jupyter_ext.build.lock import Lock


def check(definition: Mapping[str, Any], *, container: bool) -> list[str]:
    """Refuse a definition that cannot be built; return what the user should know before it is.

    Parameters
    ----------
    definition
        An environment as v1 serialises it.
    container
        Whether an image is wanted, rather than a virtual environment.

    Raises
    ------
    UserErrorException
        The message tells the remedy.
    """
    return _read(definition, container, None).notes


def find(definition: Mapping[str, Any], *, container: bool, root: Path, folder: Path | None = None) -> Built | None:
    """Return the environment if it has been built, and is still there and up to date.

    Parameters
    ----------
    definition, container
        As for :func:`check`.
    root
        The folder of all environments of a workspace.
    folder
        Where relative paths in requirement lines start; None for the working directory.

    Raises
    ------
    UserErrorException
        The definition cannot be built.
    """
    asked = _read(definition, container, folder)
    return _find(asked, Place(root, keys.key_of(asked)))


def build(
    definition: Mapping[str, Any],
    *,
    container: bool,
    root: Path,
    report: Callable[[Progress], None],
    force: bool = False,
    log: Path | None = None,
    folder: Path | None = None,
) -> Built:
    """Build an environment, unless it has been built before.

    Where the default image is asked for and cannot be had, it is a virtual environment, and one line says so.

    Parameters
    ----------
    definition, container, root, folder
        As for :func:`find`.
    report
        Called with each progress record.
    force
        Whether to build even what is there.
    log
        A file that gets all output too, beside the one in the environment's own folder.

    Raises
    ------
    UserErrorException
        The definition cannot be built.
    EnvironmentBuildException
        It did not build: the step, its line, and the last lines of output are in the message.
    EngineNotAnswering
        An image was asked for, and no engine answers.
    AuthenticationException
        A registry refused the user name and password.
    """
    folder = folder or Path.cwd()
    asked = _read(definition, container, folder)
    place = Place(root, keys.key_of(asked))
    found = None if force and not _is_the_users(asked) else _find(asked, place)
    if found:
        return found
    if asked.lost_password:
        raise UserErrorException(
            f"{asked.lost_password!r}: its password was not kept with the environment {asked.name!r}. Run its cell "
            "again, which builds it, or write ${VARIABLE} in the password's place and set that variable."
        )
    try:
        if container and not docker_engine.engine_answers():
            raise docker_engine.not_answering()
        return _once(
            place,
            report,
            log,
            fresh=force,
            find=lambda: _find(asked, place),
            make=lambda reporter: _build(asked, place, reporter, folder, fresh=force),
        )
    except (EngineNotAnswering, EnvironmentBuildException) as error:
        if asked.image not in DEFAULT_IMAGES or docker_engine.image_exists(asked.image) or _is_full(error):
            raise
    note = f"The image {asked.image} cannot be had, and nobody asked for it by name: a virtual environment is used."
    report(Progress(line=note, note=True))
    instead = build(definition, container=False, root=root, report=report, force=force, log=log, folder=folder)
    return msgspec.structs.replace(instead, notes=[note, *instead.notes])


def build_from_lock(lock: Lock, *, root: Path, report: Callable[[Progress], None]) -> Built:
    """Make the environment of a lock, to the letter, unless it has been made before.

    Parameters
    ----------
    lock
        What an environment is made of: see :func:`jupyter_ext.build.lock_of`.
    root, report
        As for :func:`build`.

    Raises
    ------
    EnvironmentBuildException
        A package is no more, or is not what it was; or the Python cannot be had here.
    """
    place = Place(root, lock.key)

    def find() -> Built | None:
        built = place.read()
        return _as_found(built) if built and _is_there(built) else None

    def make(reporter: Reporter) -> Built:
        return _again(lock, place, reporter)

    return find() or _once(place, report, None, fresh=False, find=find, make=make)


def lock_of(built: Built, root: Path) -> Lock | None:
    """Return what a virtual environment is made of; None for an image and for an interpreter of the user's."""
    return Place(root, built.key).read_lock() if built.kind == "venv" else None


def _once(
    place: Place,
    report: Callable[[Progress], None],
    log: Path | None,
    *,
    fresh: bool,
    find: Callable[[], Built | None],
    make: Callable[[Reporter], Built],
) -> Built:
    """Let one process at a time make an environment, while the others watch it."""
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        with watching.alone(place, report, log) as waited:
            found = None if fresh and not waited else find()  # another may have just ended
            if found:
                return found
            with (
                watching.told(place, report) as tell,
                Reporter(tell, [place.log, log] if log else [place.log]) as reporter,
            ):
                return make(reporter)
    except BrokenPipeError:  # the caller's own
        raise
    except OSError as error:
        raise failures.of_disk(error, place.folder) from error


def _is_full(error: Exception) -> bool:
    return getattr(error, "kind", None) == failures.NO_SPACE


def _is_the_users(asked: Asked) -> bool:
    """Tell whether a Python of the user's own is asked for, which nothing is built for."""
    return asked.user_managed and not asked.container


def _read(definition: Mapping[str, Any], container: bool, folder: Path | None) -> Asked:
    return definitions.read(definition, container=container, folder=folder or Path.cwd())


def _find(asked: Asked, place: Place) -> Built | None:
    if _is_the_users(asked):
        return _interpreter(asked, place.key)
    built = place.read()
    if built is None or not _is_there(built) or _is_to_push(built, place.root):
        return None
    return _as_found(built, asked.notes)


def _as_found(built: Built, notes: Sequence[str] = ()) -> Built:
    return msgspec.structs.replace(built, cached=True, seconds=0.0, notes=[*notes, *built.notes])


def _is_there(built: Built) -> bool:
    if built.kind != "image":
        python = Path(built.python)
        return python.exists() and places.is_whole(python.parent.parent)
    wanted = {**built.bases, built.image or "": built.image}
    return all(docker_engine.image_id(name) == identity for name, identity in wanted.items())


def _is_to_push(built: Built, root: Path) -> bool:
    """Tell whether the workspace names a registry that has not got an image of ours."""
    registry = read_registry(root) if (built.tag or "").startswith(IMAGES) else None
    return registry is not None and not (built.pushed or "").startswith(f"{registry.address}/")


def _interpreter(asked: Asked, key: str) -> Built:
    """Return the interpreter that the user looks after: nothing is built."""
    if asked.interpreter == "python":
        return Built("interpreter", key, sys.executable, cached=True)
    found = shutil.which(str(Path(asked.interpreter).expanduser()))
    if found is None:
        raise UserErrorException(
            f"The interpreter {asked.interpreter!r} of the environment {asked.name!r} is not there: give the "
            "path of a Python of this machine, or set python.user_managed_dependencies to False."
        )
    return Built("interpreter", key, found, cached=True)


def _build(asked: Asked, place: Place, reporter: Reporter, folder: Path, *, fresh: bool) -> Built:
    for note in asked.notes:
        reporter.note(note)
    started = time.monotonic()
    if asked.container:
        from jupyter_ext.build import image  # noqa: PLC0415 - what talks to an engine costs 0.2 s

        built = image.build_image(asked, place, reporter, fresh=fresh, push_to=read_registry(place.root))
    else:
        from jupyter_ext.build import venv  # noqa: PLC0415 - finding what is there must not wait for it

        lock = None if fresh else place.read_lock()
        before = _as_before(asked, lock, place, reporter) if lock else None
        built = before or venv.build_venv(asked, place, reporter, folder)
    return _kept(built, place, reporter, started, asked.notes)


def _as_before(asked: Asked, lock: Lock, place: Place, reporter: Reporter) -> Built | None:
    """Make an environment that was removed again as it was; return None where that cannot be."""
    from jupyter_ext.build import venv  # noqa: PLC0415 - finding what is there must not wait for it

    notes = list(reporter.notes)
    try:
        return venv.build_again(lock, place, reporter, asked.channels)
    except EnvironmentBuildException as error:
        reporter.notes = notes
        reporter.line(error.message)
        reporter.note("What this environment was made of cannot all be had any more: it is solved anew.")
        return None


def _again(lock: Lock, place: Place, reporter: Reporter) -> Built:
    from jupyter_ext.build import venv  # noqa: PLC0415 - finding what is there must not wait for it

    started = time.monotonic()
    built = venv.build_again(lock, place, reporter, conda_channels.read((), place.folder))
    return _kept(built, place, reporter, started)


def _replaced(before: Built | None, built: Built) -> list[str]:
    """Return the images of ours that nothing names any more; runs that wait for a node may still mean them."""
    if before is None or not (before.tag or "").startswith(IMAGES):
        return []
    images = dict.fromkeys([*before.replaced, before.image or ""])
    return [image for image in images if image != built.image and docker_engine.image_exists(image)]


def _kept(built: Built, place: Place, reporter: Reporter, started: float, notes: Sequence[str] = ()) -> Built:
    """Write the record of what is built; the notes that every reading of the definition gives anew are not in it."""
    own = [note for note in reporter.notes if note not in notes]
    seconds = round(time.monotonic() - started, 3)
    built = msgspec.structs.replace(built, seconds=seconds, notes=own, replaced=_replaced(place.read(), built))
    place.write(built)
    return msgspec.structs.replace(built, notes=reporter.notes)
