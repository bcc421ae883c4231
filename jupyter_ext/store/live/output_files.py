"""The files that a run produced, and a safe way to read them."""

from __future__ import annotations

import mimetypes
import os
import time
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run import artifacts
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import ArtifactException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.store.paths import RunPaths

MOST_FILES = 5000
"""Files that are listed to a view."""

LARGEST_READ = 4 * 1024 * 1024
"""Bytes that one reading gives."""

_SCAN_EVERY = 1.0
_SCAN_SHARE = 20
_ARTIFACTS = "artifacts"
_PRODUCED = (*artifacts.LIVE_FOLDERS, _ARTIFACTS)
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
        found = [{**file, "name": _told(file["name"])} for file in _scan(self._paths, _PRODUCED)]
        files = sorted(found, key=lambda file: str(file["name"]))[:MOST_FILES]
        ended = time.monotonic()
        # Many thousand files are listed less often, so that it stays a small part of the time.
        self._next = ended + max(_SCAN_EVERY, _SCAN_SHARE * (ended - began))
        changed = files != self._files
        self._files = files
        return changed

    def topic(self) -> list[dict[str, Any]]:
        """Give the files with their sizes and times of change."""
        return self._files

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
            The name leads out of its folder, or there is no such file.
        """
        path = locate(self._paths, name)
        try:
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise UserErrorException(f"The run has no file {name!r}: {error.strerror}.") from error
        try:
            status = os.fstat(file)
            if not S_ISREG(status.st_mode):
                raise UserErrorException(f"{name!r} is a folder or a device: name a file.")
            data = os.pread(file, max(0, min(limit, LARGEST_READ)), max(0, offset))
        finally:
            os.close(file)
        return {"name": name, "size": status.st_size, "mime": mime_of(name), "offset": max(0, offset)}, data


def mime_of(name: str) -> str:
    """Tell what kind of file a name means."""
    return _TYPES.guess_type(name)[0] or "application/octet-stream"


def file_names(paths: RunPaths) -> list[str]:
    """List the names of all files of a run, sorted; what a link has elsewhere is none of them."""
    return sorted(file["name"] for file in _scan(paths, (*_PRODUCED, *artifacts.OWN_FOLDERS)))


def locate(paths: RunPaths, name: str) -> Path:
    """Tell where a run has the file of a name.

    A link may lead to another file of its folder or to one that the script has beside it, and no further.

    Raises
    ------
    UserErrorException
        The name leads elsewhere.
    """
    try:
        path = os.path.realpath(artifacts.locate(str(paths.root), name))
    except ArtifactException as error:
        raise UserErrorException(
            f"The run has no file {name!r}: give a relative name such as 'outputs/model.pt'."
        ) from error
    first = artifacts.check_name(name).split("/", 1)[0]
    folder = first if first in artifacts.LIVE_FOLDERS + artifacts.OWN_FOLDERS else _ARTIFACTS
    if not f"{path}{os.sep}".startswith(_allowed(paths, folder)):
        raise UserErrorException(f"{name!r} leads out of the run's own files, so it is none of them.")
    return Path(path)


def _allowed(paths: RunPaths, folder: str) -> tuple[str, str]:
    root = os.path.realpath(paths.root)
    return f"{root}{os.sep}{folder}{os.sep}", f"{root}{os.sep}{paths.work.name}{os.sep}"


def _scan(paths: RunPaths, folders: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for folder in folders:
        allowed = _allowed(paths, folder)
        resolved = os.path.realpath(paths.root / folder)
        if f"{resolved}{os.sep}".startswith(allowed):
            yield from _walk(resolved, "" if folder == _ARTIFACTS else f"{folder}/", allowed, 0)


def _walk(folder: str, prefix: str, allowed: tuple[str, str], depth: int) -> Iterator[dict[str, Any]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name = prefix + entry.name
        try:
            if entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST and name != artifacts.UPLOADING:
                    yield from _walk(entry.path, name + "/", allowed, depth + 1)
                continue
            if entry.is_symlink() and not os.path.realpath(entry.path).startswith(allowed):
                continue
            status = entry.stat()
        except OSError:
            continue
        if S_ISREG(status.st_mode):
            yield {"name": name, "size": status.st_size, "t": round(status.st_mtime, 3)}


def _told(name: str) -> str:
    """Spell a name that is not UTF-8 so that JSON can carry it."""
    return name.encode("utf-8", "replace").decode("utf-8") if not name.isascii() else name
