"""The logs of a run: which there are, and their lines."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.live.lines import LineIndex
from jupyter_ext.store.live.log_times import LogTimes

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.store.live.story import Story
    from jupyter_ext.store.paths import RunPaths

TAIL_LINES = 500
"""Last lines of the followed log that are sent without being asked for."""

RUNNER_LOG = "system_logs/runner.log"
"""What the runner says, which tells a reader something where nothing else does."""

_TAIL_CHARACTERS = 256 * 1024
_MOST_LINES = 5000
_COARSE = 2_000_000_000
_BUILD_LOG = "system_logs/build.log"
_MPI_LOG = "user_logs/mpi_log"
_BEFORE_THE_SCRIPT = frozenset({"NotStarted", "Starting", "Provisioning", "Preparing"})


class _Folder:
    """The names in a folder, listed again only when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed_at: int | None = None
        self._settled = False
        self.names: list[str] = []

    def refresh(self) -> bool:
        try:
            changed_at = self._path.stat().st_mtime_ns
            if self._settled and changed_at == self._changed_at:
                return False
            # A folder's time of change is coarse: another file may have come within the same tick.
            self._settled = time.time_ns() - changed_at > _COARSE
            with os.scandir(self._path) as entries:
                names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
        except OSError:
            changed_at, names = None, []
        changed = names != self.names
        self._changed_at, self.names = changed_at, names
        return changed


class LogFiles:
    """The log files of one run and an index over the lines of each.

    Parameters
    ----------
    paths
        The run's paths.
    """

    def __init__(self, paths: RunPaths) -> None:
        self._folders = {"user_logs": _Folder(paths.user_logs), "system_logs": _Folder(paths.system_logs)}
        self._root = paths.root
        self._times = LogTimes(paths.log_times)
        self._indexes: dict[str, LineIndex] = {}

    def refresh(self) -> set[str]:
        """Look at every log; return the names of those that changed, came or went."""
        moved = self.look()
        grown = {name for name, index in self._indexes.items() if index.refresh()}
        return moved | grown | (self._times.refresh() & self._indexes.keys())

    def look(self) -> set[str]:
        """See which logs there are, without reading them; return the names of those that came or went."""
        moved = [folder for folder in self._folders.values() if folder.refresh()]
        return self._list() if moved else set()

    def _list(self) -> set[str]:
        names = [f"{name}/{file}" for name, folder in self._folders.items() for file in folder.names]
        changed = set(names) ^ self._indexes.keys()
        ordered = sorted(names, key=_order)
        self._indexes = {name: self._indexes.get(name) or LineIndex(self._root / name) for name in ordered}
        return changed

    @property
    def complete(self) -> bool:
        """Whether every log is indexed to its end."""
        return all(index.complete for index in self._indexes.values())

    def index(self, name: str) -> LineIndex:
        """Give the index of one log.

        Raises
        ------
        UserErrorException
            The run has no such log.
        """
        index = self._indexes.get(name)
        if index is None:
            known = ", ".join(self._indexes) or "none yet"
            near = did_you_mean(name, self._indexes)
            raise UserErrorException(f"The run has no log {name!r}; it has: {known}.{near}")
        return index

    def topic(self, active: str | None) -> dict[str, Any]:
        """Give the list of logs as a view shows it."""
        files = [
            {"name": name, "size": index.size, "lines": index.total, "group": _group(name)}
            for name, index in self._indexes.items()
        ]
        return {"files": files, "active": active}

    def active(self, story: Story) -> str | None:
        """Tell which log a reader wants to see: where it failed, else what rank 0 prints, else the build."""
        if story.log in self._indexes:
            return story.log
        scripts = self.of_the_script()
        if scripts and not (story.status in _BEFORE_THE_SCRIPT and _BUILD_LOG in self._indexes):
            return scripts[0]
        for name in (_BUILD_LOG, *scripts, RUNNER_LOG):
            if name in self._indexes:
                return name
        return None

    def of_the_script(self) -> list[str]:
        """Give the names of what the script's processes have printed, by rank."""
        return [name for name in self._indexes if _group(name) == "script"]

    def lines(self, name: str, first: int, count: int) -> dict[str, Any]:
        """Give some lines of a log, at most 5,000, and when they were written."""
        index = self.index(name)
        first = max(0, first)
        lines, ends = index.lines_with_ends(first, min(count, _MOST_LINES))
        times = self._times.of_lines(name, first, ends)
        return {"file": name, "first": first, "total": index.total, "lines": lines, "times": times}

    def line_at(self, name: str, t: float) -> dict[str, Any]:
        """Give the last line that was whole at a time; ``line`` is None where there is none, or nobody knows."""
        index = self.index(name)
        size = self._times.size_at(name, t)
        line = -1 if size is None else index.lines_before(size) - 1
        if line < 0:
            return {"line": None, "text": ""}
        return {"line": line, "text": "".join(index.lines(line, 1))}

    def tail(self, name: str | None) -> dict[str, Any]:
        """Give the last lines of a log; fewer where they are very long."""
        index = self._indexes.get(name or "")
        if index is None or name is None:
            return {"file": name or "", "first": 0, "total": 0, "lines": [], "times": []}
        lines, ends = index.lines_with_ends(max(0, index.total - TAIL_LINES), TAIL_LINES)
        room = _TAIL_CHARACTERS
        kept = 0
        for line in reversed(lines):
            room -= len(line)
            if room < 0 and kept:
                break
            kept += 1
        first = index.total - kept
        times = self._times.of_lines(name, first, ends[len(ends) - kept :])
        return {"file": name, "first": first, "total": index.total, "lines": lines[len(lines) - kept :], "times": times}


def _group(name: str) -> str:
    if name.startswith("user_logs/"):
        return "script"
    return "build" if name == _BUILD_LOG else "system"


def _order(name: str) -> tuple[int, bool, list[tuple[int, str]]]:
    """Sort by group, and within it numbers by their value: rank 2 before rank 10, ranks before mpirun."""
    parts = [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
    return ("script", "build", "system").index(_group(name)), name.startswith(_MPI_LOG), parts
