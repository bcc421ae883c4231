"""``logs``: what a run prints, also while it prints."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from jupyter_ext.commands.answer import Answer
from jupyter_ext.commands.find import find_run
from jupyter_ext.core.waiting import terminal_text
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.feed import RunFeed
from jupyter_ext.store.records import TERMINAL

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_ext.core.run import Run
    from jupyter_ext.core.workspace import Workspace

_PIECE_BYTES = 1 << 20
_FASTEST_SECONDS, _SLOWEST_SECONDS = 0.05, 0.5


def logs(workspace: Workspace, options: Namespace) -> Answer:
    """Give a log of a run: the one that tells most, or the one that is named."""
    run = find_run(workspace, options.run)
    if options.lines is not None and options.lines < 0:
        raise UserErrorException(f"--lines is {options.lines}: it cannot be negative.")
    name = _chosen(run, options.file)
    if options.json:
        text = _whole(run.paths.root / name) if name else ""
        return Answer({"run_id": run.id, "file": name, "text": text})
    if name is None and not options.follow:
        return Answer(None, text=f"Run {run.id} has printed nothing yet: --follow waits for it.")
    return Answer(None, pieces=_pieces(run, options))


def _chosen(run: Run, asked: str | None) -> str | None:
    feed = RunFeed(run.paths)
    feed.refresh()
    topic = feed.logs()
    names = [file["name"] for file in topic["files"]]
    if asked is None:
        active: str | None = topic["active"]
        return active
    if asked not in names:
        raise UserErrorException(f"Run {run.id} has no log {asked!r}. It has: {', '.join(names) or 'none yet'}.")
    return asked


def _pieces(run: Run, options: Namespace) -> Iterator[str]:
    """Yield what the log holds, and with ``--follow`` what comes to it until the run ends.

    Where no file is named, the build's log is followed by the script's.
    """
    name, offset, pause, rest = None, 0, _FASTEST_SECONDS, b""
    while True:
        ended = run.get_status() in TERMINAL
        chosen = _chosen(run, options.file)
        if chosen is not None and chosen != name:
            name = chosen
            offset = _start(run.paths.root / name, options.lines)
        data = _read(run.paths.root / name, offset) if name else b""
        offset += len(data)
        whole, newline, rest = (rest + data).rpartition(b"\n")
        if newline:
            yield terminal_text((whole + newline).decode(errors="replace"))
        if len(data) == _PIECE_BYTES:
            continue
        if ended or not options.follow:
            break
        pause = _FASTEST_SECONDS if data else min(pause * 1.5, _SLOWEST_SECONDS)
        time.sleep(pause)
    if rest:
        yield terminal_text(rest.decode(errors="replace")) + "\n"


def _read(path: Path, offset: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(_PIECE_BYTES)


def _whole(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _start(path: Path, lines: int | None) -> int:
    """Return where the last lines of a file begin, reading it backwards."""
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
