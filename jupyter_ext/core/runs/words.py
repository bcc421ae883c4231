"""What runs are searched by: kept in the catalogue, and read again of a run that has changed since."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.events import read_state
from jupyter_ext.store.paths import RunPaths
from jupyter_ext.store.records import RunSpec, read_record

if TYPE_CHECKING:
    from jupyter_ext.store.catalogue import Catalogue


class Words:
    """The words of a workspace's runs, for one search.

    Parameters
    ----------
    catalogue
        The workspace's.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._root = str(catalogue.paths.root)
        self._known = catalogue.words()
        self._read: list[tuple[str, str, str]] = []

    def of(self, row: sqlite3.Row) -> str:
        """Give the id, the experiment, the display name, the command and the tags of a run, in small letters."""
        run_id, folder = row["run_id"], f"{self._root}/{row['path']}"
        mark = _mark(f"{folder}/events.jsonl")
        known = self._known.get(run_id)
        if known is not None and known[0] == mark:
            return known[1]
        words = "\n".join([run_id, row["experiment"], *_words(folder)]).lower()
        self._read.append((run_id, mark, words))
        return words

    def keep(self) -> None:
        """Let the next search find what this one has read; where the catalogue cannot be written, it reads again."""
        with suppress(sqlite3.OperationalError):
            self._catalogue.note_words(self._read)


def _mark(events: str) -> str:
    """Return what is another once anything has been added."""
    try:
        status = os.stat(events)  # noqa: PTH116 - ten thousand runs are asked
    except OSError:
        return ""
    return f"{status.st_mtime_ns} {status.st_size}"


def _words(folder: str) -> list[str]:
    paths = RunPaths(Path(folder))
    try:
        spec = read_record(paths.run_json, RunSpec)
    except msgspec.DecodeError:
        spec = None
    if spec is None:
        return []
    state = read_state(folder, {"tags": spec.tags, "display_name": spec.display_name})
    return [
        spec.command_line,
        state["display_name"] or "",
        *(f"{name}={value}" for name, value in state["tags"].items()),
    ]
