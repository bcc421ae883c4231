"""The body of an ``%%aml_submit`` cell as a script of the snapshot."""

from __future__ import annotations

import fcntl
import hashlib
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.snapshots.snapshot_files import CELL_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The line stands where the cell has its magic, so that a traceback's line numbers are those of the cell.
_MARKED = re.compile(re.escape(CELL_MARK) + rb"([0-9a-f]{64})\n(.*)\Z", re.DOTALL)


@contextmanager
def script_in(folder: Path, name: str, text: str) -> Iterator[None]:
    """Let a folder hold a script for as long as its snapshot is taken, and no longer.

    Parameters
    ----------
    folder
        The source folder.
    name
        The script's path in it.
    text
        Its content.

    Raises
    ------
    UserErrorException
        A file of the name is there and holds something else, or it cannot be written.
    """
    path = folder / name
    _check(folder, name, path)
    _clear(path)
    try:
        file = _locked(path, _marked(text.encode()))
    except FileExistsError:
        raise UserErrorException(
            f"{path} is there, and holds something else than this cell: name the cell's script otherwise, "
            f"as in %%aml_submit my_{path.name}, or remove the file."
        ) from None
    except OSError as error:
        raise UserErrorException(
            f"The cell's script cannot be put into {folder} for the snapshot: {error.strerror}. "
            "Name a folder that can be written with --source."
        ) from None
    with file:
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _locked(path: Path, data: bytes) -> BinaryIO:
    """Make a file with this content, locked for as long as it is open."""
    file = path.open("xb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(data)
        file.flush()
    except BaseException:
        path.unlink(missing_ok=True)
        file.close()
        raise
    return file


def _marked(body: bytes) -> bytes:
    return CELL_MARK + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def _clear(path: Path) -> None:
    """Remove what a kernel that was killed has left: marked, as it was written, and locked by nobody who lives."""
    if not path.is_file():
        return
    with suppress(OSError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = _MARKED.match(file.read())
        if found and _marked(found[2]) == found[0]:
            path.unlink()


def _check(folder: Path, name: str, path: Path) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise UserErrorException(f"The script {name} lies outside of {folder}: give a name within it.")
    if not path.parent.is_dir():
        raise UserErrorException(f"The script {name} has no folder {path.parent}: make it first, or give a plain name.")
