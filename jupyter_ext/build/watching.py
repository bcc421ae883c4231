"""One process builds an environment; the others that want the same one watch it, and take over if it stops."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.build import failures
from jupyter_ext.build.records import Message, Progress
from jupyter_ext.build.reporter import as_text
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException
from jupyter_ext.store.locks import Lock, is_locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from jupyter_ext.build.places import Place

_LOOK_SECONDS = 0.1
_ELSEWHERE = "The same environment is being built elsewhere: this is its progress."
_TAKEN_OVER = "The build elsewhere has stopped: it goes on here."


@contextmanager
def told(place: Place, report: Callable[[Progress], None]) -> Iterator[Callable[[Progress], None]]:
    """Give what tells a build's progress to its caller and to whoever watches it, and the error that it ends with."""
    place.events.unlink(missing_ok=True)  # whoever reads the one before reads it to its end
    with place.events.open("xb", buffering=0) as file:

        def tell(progress: Progress) -> None:
            _write(file, Message(progress=progress))
            report(progress)

        try:
            yield tell
        except EnvironmentBuildException as error:
            _write(file, Message(error=failures.recorded(error)))
            raise


@contextmanager
def alone(place: Place, report: Callable[[Progress], None], log: Path | None) -> Iterator[bool]:
    """Let one build of an environment go on at a time; tell whether another was watched.

    Parameters
    ----------
    place
        Where the environment goes.
    report
        Called with what the other build tells.
    log
        A file that gets its output too.

    Raises
    ------
    EnvironmentBuildException
        The other build has failed: so would this one.
    """
    lock = Lock(place.lock)
    watched = False
    try:
        while not lock.acquire():
            if not watched:
                report(Progress(line=_ELSEWHERE, note=True))
            watched = True
            _watch(place, report, log)
        if watched and place.read() is None:
            report(Progress(line=_TAKEN_OVER, note=True))
        yield watched
    finally:
        lock.release()


def _watch(place: Place, report: Callable[[Progress], None], log: Path | None) -> None:
    """Report another build until it has ended; raise what it has failed with."""
    with ExitStack() as files:
        kept = files.enter_context(log.open("a", encoding="utf-8")) if log else None
        for message in _messages(place, files):
            if message.error is not None:
                raise failures.raised(message.error)
            if message.progress is not None:
                text = as_text(message.progress)
                if kept and text is not None:
                    kept.write(text + "\n")
                report(message.progress)


def _messages(place: Place, files: ExitStack) -> Iterator[Message]:
    """Yield what the build that goes on tells, to its end; an error comes last, and only once the build has ended."""
    decoder = msgspec.json.Decoder(Message)
    file: BinaryIO | None = None
    rest, error = b"", None
    while True:
        goes_on = is_locked(place.lock)  # first, so that what it tells last is read too
        if file is None or _is_another(place, file):
            file, rest, error = _opened(place, files), b"", None
        *lines, rest = (rest + (file.read() if file else b"")).split(b"\n")
        for line in lines:
            message = decoder.decode(line)
            if message.error is None:
                yield message
            else:
                error = message
        if not goes_on:
            if error:
                yield error
            return
        time.sleep(_LOOK_SECONDS)


def _opened(place: Place, files: ExitStack) -> BinaryIO | None:
    try:
        return files.enter_context(place.events.open("rb"))
    except FileNotFoundError:
        return None


def _is_another(place: Place, file: BinaryIO) -> bool:
    """Tell whether another build has begun since the file was opened."""
    try:
        return os.fstat(file.fileno()).st_ino != place.events.stat().st_ino
    except FileNotFoundError:
        return False


def _write(file: BinaryIO, message: Message) -> None:
    file.write(msgspec.json.encode(message) + b"\n")
