"""What a run prints, as it comes: the build's log, then the script's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from jupyter_ext.store.live.log_files import RUNNER_LOG, LogFiles
from jupyter_ext.store.live.story import Story
from jupyter_ext.store.live.terminal_text import coloured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jupyter_ext.store.paths import RunPaths

_PIECE_BYTES = 1 << 20
_FASTEST_SECONDS, _SLOWEST_SECONDS = 0.05, 0.5
_SLOWER = 1.2


def follow(
    paths: RunPaths, has_ended: Callable[[], bool], name: str | None = None, lines: int | None = None
) -> Iterator[tuple[str, str]]:
    """Yield what a run's logs hold, and what comes to them until the run has ended.

    Each log is told to its end before the next. The first piece of each is empty, and tells that it begins.

    Parameters
    ----------
    paths
        The run's paths.
    has_ended
        Tells whether nothing more will come.
    name
        The only log that is wanted; None for what the build prints, and then the script.
    lines
        How many of the first log's last lines are wanted; None for all.

    Yields
    ------
    tuple of str and str
        The log's name, and text that a terminal may be given: whole lines, unless they are longer than 1 MB.
    """
    follower = _Follower(paths, name, lines)
    pause = _FASTEST_SECONDS
    while True:
        ended, moved = has_ended(), False
        for piece in follower.pieces():
            moved = True
            yield piece
        if ended:
            break
        pause = _FASTEST_SECONDS if moved else min(pause * _SLOWER, _SLOWEST_SECONDS)
        time.sleep(pause)
    yield from follower.unfinished()


class _Follower:
    """Knows which log is being told, and how far."""

    def __init__(self, paths: RunPaths, name: str | None, lines: int | None) -> None:
        self._root = paths.root
        self._only = name
        self._lines = lines
        self._files = LogFiles(paths)
        self._story = Story(paths)
        self._name = ""
        self._offset = 0
        self._rest = b""

    def pieces(self) -> Iterator[tuple[str, str]]:
        """Yield what came since the last time."""
        wanted = self._wanted()
        if wanted != self._name:
            yield from self._growth()
            yield from self.unfinished()
            self._name = wanted
            self._offset = _start(self._root / wanted, self._lines)
            self._lines = None
            yield wanted, ""
        yield from self._growth()

    def unfinished(self) -> Iterator[tuple[str, str]]:
        """Yield the last line, where it has no end."""
        if self._rest:
            yield self._name, _text(self._rest) + "\n"
            self._rest = b""

    def _wanted(self) -> str:
        if self._only:
            return self._only
        self._story.refresh()
        self._files.look()
        active = self._files.active(self._story)
        return self._name if active in (None, RUNNER_LOG) else active

    def _growth(self) -> Iterator[tuple[str, str]]:
        while self._name and (data := self._read()):
            whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
            if newline:
                yield self._name, _text(whole + newline)
            if len(self._rest) >= _PIECE_BYTES:
                text, self._rest = _text(self._rest), b""
                if text:
                    yield self._name, text

    def _read(self) -> bytes:
        with (self._root / self._name).open("rb") as file:
            file.seek(self._offset)
            data = file.read(_PIECE_BYTES)
        self._offset += len(data)
        return data


def _text(data: bytes) -> str:
    return coloured(data.decode(errors="replace"))


def _start(path: Path, lines: int | None) -> int:
    """Return where the last lines of a file begin, reading it backwards; 0 where all are wanted."""
    if lines is None:
        return 0
    with path.open("rb") as file:
        end = position = file.seek(0, 2)
        left = lines + 1
        while position and left:
            size = min(_PIECE_BYTES, position)
            position -= size
            file.seek(position)
            data = file.read(size)
            if position + size == end and not data.endswith(b"\n"):
                left -= 1  # the last line has no end yet
            index = len(data)
            while left and (index := data.rfind(b"\n", 0, index)) >= 0:
                left -= 1
            if not left:
                return position + index + 1
    return 0
