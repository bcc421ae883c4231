"""The files that a run produced, and a safe way to read them."""

from __future__ import annotations

import mimetypes
import os
import time
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.paths import inside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_ext.store.paths import RunPaths

MOST_FILES = 5000
"""Files that are listed to a view."""

LARGEST_READ = 4 * 1024 * 1024
"""Bytes that one reading gives."""

_SCAN_EVERY = 1.0
_SCAN_SHARE = 20
_OWN_FOLDERS = ("outputs/", "logs/", "user_logs/", "system_logs/")
_DEEPEST = 64

# Python's own table: that of the machine differs, and knows .pt as something else.
_TYPES = mimetypes.MimeTypes()
for _ending in (".log", ".yaml", ".yml", ".jsonl", ".toml", ".ini", ".cfg", ".md"):
    _TYPES.add_type("text/plain", _ending)


class OutputFiles:
    """Lists ``outputs/``, ``logs/`` and uploaded artifacts, at most once a second.

    Parameters
    ----------
    paths
        The run's paths.
    """

    def __init__(self, paths: RunPaths) -> None:
        self._paths = paths
        self._files: list[dict[str, Any]] = []
        self._next = 0.0

    def refresh(self, *, now: bool = False) -> bool:
        """List the files again when it is time to; return whether anything changed.

        Parameters
        ----------
        now
            Whether to list them in any case.
        """
        began = time.monotonic()
        if began < self._next and not now:
            return False
        files = sorted(self._scan(), key=lambda file: str(file["name"]))[:MOST_FILES]
        ended = time.monotonic()
        # Many thousand files are listed less often, so that it stays a small part of the time.
        self._next = ended + max(_SCAN_EVERY, _SCAN_SHARE * (ended - began))
        changed = files != self._files
        self._files = files
        return changed

    def topic(self) -> list[dict[str, Any]]:
        """Give the files with their sizes and times of change."""
        return self._files

    def _scan(self) -> Iterator[dict[str, Any]]:
        root = self._paths.root.resolve()
        for folder, prefix in (
            (self._paths.outputs, "outputs/"),
            (self._paths.logs, "logs/"),
            (self._paths.artifacts, ""),
        ):
            resolved = folder.resolve()
            if resolved.is_relative_to(root):
                yield from _walk(resolved, prefix, root, 0)

    def read(self, name: str, offset: int = 0, limit: int = LARGEST_READ) -> tuple[dict[str, Any], bytes]:
        """Read a part of a file of the run.

        Parameters
        ----------
        name
            Its name, as ``get_file_names`` gives it.
        offset, limit
            The part, in bytes; at most 4 MB are given.

        Returns
        -------
        tuple of dict and bytes
            ``name``, ``size`` of the whole file, ``mime`` and ``offset``; and the bytes.

        Raises
        ------
        UserErrorException
            The name leads out of the run, or there is no such file.
        """
        stored = name if name.startswith(_OWN_FOLDERS) else f"{self._paths.artifacts.name}/{name}"
        try:
            path = inside(self._paths.root, stored)
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise UserErrorException(f"The run has no file {name!r}: {reason}.") from error
        try:
            status = os.fstat(file)
            if not S_ISREG(status.st_mode):
                raise UserErrorException(f"{name!r} is a folder or a device: name a file.")
            data = os.pread(file, max(0, min(limit, LARGEST_READ)), max(0, offset))
        finally:
            os.close(file)
        mime = _TYPES.guess_type(name)[0] or "application/octet-stream"
        return {"name": name, "size": status.st_size, "mime": mime, "offset": max(0, offset)}, data


def _walk(folder: Path | str, prefix: str, root: Path, depth: int) -> Iterator[dict[str, Any]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name = prefix + entry.name
        try:
            if entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST:
                    yield from _walk(entry.path, name + "/", root, depth + 1)
                continue
            if entry.is_symlink() and not _is_inside(entry.path, root):
                continue
            status = entry.stat()
        except OSError:
            continue
        if S_ISREG(status.st_mode):
            yield {"name": _told(name), "size": status.st_size, "t": round(status.st_mtime, 3)}


def _is_inside(path: str, root: Path) -> bool:
    """Tell whether what a symbolic link leads to lies under a folder."""
    return os.path.realpath(path).startswith(f"{root}{os.sep}")


def _told(name: str) -> str:
    """Spell a name that is not UTF-8 so that JSON can carry it."""
    return name.encode("utf-8", "replace").decode("utf-8") if not name.isascii() else name
