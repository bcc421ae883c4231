"""Which files of a folder belong to its snapshot."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathspec import GitIgnoreSpec

# v1 sends these where no ignore file names them; a run has no use for them
ALWAYS_OUT = frozenset({".git", ".ipynb_checkpoints", "__pycache__"})
_ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})


class Found(NamedTuple):
    """A file, folder or link that belongs to the snapshot.

    Attributes
    ----------
    name
        Relative to the folder, with ``/``.
    kind
        ``f`` a file, ``d`` an empty folder, ``l`` a link that stays inside the folder.
    """

    name: str
    path: str
    kind: str
    stat: os.stat_result


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
    """Yield what belongs to the snapshot of ``folder``, in a stable order.

    A link that leads out of the folder is followed, so that the run has what the script saw; one that stays inside
    is kept as a link. A folder is never entered twice on one path. Virtual and conda environments stay out.

    Parameters
    ----------
    folder
        The source directory.
    leave_out
        A folder that stays out wherever it is found: the home of the runs.
    unreadable
        Gets the names of folders that may not be read.
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
        empty = True
        for entry in inside:
            name = prefix + entry.name
            if self._is_ignored(name, entry.name):
                continue
            link = entry.is_symlink()
            found = None
            if link and os.path.realpath(entry.path).startswith(self.root + os.sep):
                found = _found(name, entry, "l")
            elif entry.is_dir():
                real = os.path.realpath(entry.path) if link or self.out else entry.path
                if not self._leaves_out(name, real, above):
                    empty = False
                    yield from self.enter(entry.path, name + "/", (*above, real))
            elif entry.is_file():
                found = _found(name, entry, "f")
            if found is not None:
                empty = False
                yield found
        if empty and prefix:
            yield Found(prefix.rstrip("/"), path, "d", Path(path).stat())

    def _inside(self, path: str, prefix: str) -> list[os.DirEntry[str]] | None:
        try:
            with os.scandir(path) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except FileNotFoundError:
            return None
        except PermissionError:
            if self.unreadable is None or not prefix:
                raise
            self.unreadable.append(prefix.rstrip("/"))
            return None

    def _leaves_out(self, name: str, real: str, above: tuple[str, ...]) -> bool:
        return real in above or real == self.out or (self.rules is not None and self.rules.match_file(name + "/"))

    def _is_ignored(self, name: str, base: str) -> bool:
        """Tell whether the rules leave a file or folder out; without any of the user's own, its base name tells."""
        return base in ALWAYS_OUT if self.rules is None else self.rules.match_file(name)


def _found(name: str, entry: os.DirEntry[str], kind: str) -> Found | None:
    """Return what was found, or None when it is gone by now."""
    try:
        return Found(name, entry.path, kind, entry.stat(follow_symlinks=kind == "f"))
    except FileNotFoundError:
        return None
