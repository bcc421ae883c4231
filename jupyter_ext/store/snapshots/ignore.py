"""Which files of a folder belong to its snapshot."""

from __future__ import annotations

import os
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pathspec import GitIgnoreSpec

# v1 sends these where no ignore file names them; a run has no use for them
ALWAYS_OUT = frozenset({".git", ".ipynb_checkpoints", "__pycache__"})
_ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})


class Found(NamedTuple):
    """What one folder gives to the snapshot: its files and links, by name; none, when the folder is empty.

    Attributes
    ----------
    prefix
        The folder, relative to the source, with ``/`` at its end; empty for the source itself.
    path
        Where the folder lies.
    names
        Base names, sorted.
    kinds
        ``f`` a file, ``l`` a link that stays inside the source.
    stats
        Of each file, and of the link itself.
    """

    prefix: str
    path: str
    names: list[str]
    kinds: list[str]
    stats: list[os.stat_result]

    @property
    def size(self) -> int:
        """Bytes of the files."""
        return sum(stat.st_size for stat, kind in zip(self.stats, self.kinds, strict=True) if kind == "f")


def ignore_rules(folder: Path) -> GitIgnoreSpec | None:
    """Return the rules of ``folder``: its ``.amlignore``, else its ``.gitignore``, never both, as v1; None without."""
    for name in (".amlignore", ".gitignore"):
        file = folder / name
        if file.is_file():
            from pathspec import GitIgnoreSpec  # noqa: PLC0415 - 25 ms, where there are rules

            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            return GitIgnoreSpec.from_lines([*ALWAYS_OUT, *lines])
    return None


def walk(folder: Path, leave_out: Path | None = None, unreadable: list[str] | None = None) -> Iterator[Found]:
    """Yield what each folder below ``folder`` gives to its snapshot, in a stable order.

    A link that leads out of the source is followed, so that the run has what the script saw; one that stays inside
    is kept as a link. A folder is never entered twice on one path. Virtual and conda environments stay out.

    Parameters
    ----------
    folder
        The source directory.
    leave_out
        A folder that stays out wherever it is found: the home of the runs.
    unreadable
        Gets the names of folders and links that may not be read.
    """
    root = os.path.realpath(folder)
    out = os.path.realpath(leave_out) if leave_out else None
    yield from _Walk(ignore_rules(folder), root, out, unreadable).enter(root, "", (root,))


@dataclass(frozen=True)
class _Walk:
    rules: GitIgnoreSpec | None
    root: str
    out: str | None
    unreadable: list[str] | None

    def enter(self, path: str, prefix: str, above: tuple[str, ...]) -> Iterator[Found]:
        inside = self._inside(path, prefix)
        if inside is None or (prefix and not _ENVIRONMENT_MARKS.isdisjoint(entry.name for entry in inside)):
            return
        found = Found(prefix, path, [], [], [])
        below: list[tuple[os.DirEntry[str], str]] = []
        for entry in inside:
            if self._is_ignored(prefix, entry.name):
                continue
            kind = self._kind(entry, prefix)
            if kind == "d":
                real = os.path.realpath(entry.path) if self.out or entry.is_symlink() else entry.path
                if not self._leaves_out(prefix + entry.name, real, above):
                    below.append((entry, real))
            elif kind:
                try:
                    stat = entry.stat(follow_symlinks=kind == "f")
                except FileNotFoundError:  # gone by now
                    continue
                found.names.append(entry.name)
                found.kinds.append(kind)
                found.stats.append(stat)
        if found.names or (prefix and not below):
            yield found
        for entry, real in below:
            yield from self.enter(entry.path, f"{prefix}{entry.name}/", (*above, real))

    def _inside(self, path: str, prefix: str) -> list[os.DirEntry[str]] | None:
        try:
            with os.scandir(path) as entries:
                return sorted(entries, key=attrgetter("name"))
        except FileNotFoundError:
            return None
        except PermissionError:
            if self.unreadable is None or not prefix:
                raise
            self.unreadable.append(prefix.rstrip("/"))
            return None

    def _kind(self, entry: os.DirEntry[str], prefix: str) -> str:
        """Return f, l or d; nothing for what is none of them, such as a socket."""
        if entry.is_symlink() and os.path.realpath(entry.path).startswith(self.root + os.sep):
            return "l"
        try:
            return "f" if entry.is_file() else "d" if entry.is_dir() else ""
        except OSError:  # a link in a circle, or to where this user may not go
            if self.unreadable is None:
                raise
            self.unreadable.append(prefix + entry.name)
            return ""

    def _leaves_out(self, name: str, real: str, above: tuple[str, ...]) -> bool:
        return real in above or real == self.out or (self.rules is not None and self.rules.match_file(name + "/"))

    def _is_ignored(self, prefix: str, base: str) -> bool:
        """Tell whether the rules leave a file or folder out; without any of the user's own, its base name tells."""
        return base in ALWAYS_OUT if self.rules is None else self.rules.match_file(prefix + base)
