"""The body of an ``%%aml_submit`` cell as a script of the snapshot."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
    data = text.encode()
    _check(folder, name, path)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        if path.is_file() and path.read_bytes() == data:
            yield
            return
        raise UserErrorException(
            f"{path} is there, and holds something else than this cell: name the cell's script otherwise, "
            f"as in %%aml_submit my_{path.name}, or remove the file."
        ) from None
    except OSError as error:
        raise UserErrorException(
            f"The cell's script cannot be put into {folder} for the snapshot: {error.strerror}. "
            "Name a folder that can be written with --source."
        ) from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _check(folder: Path, name: str, path: Path) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise UserErrorException(f"The script {name} lies outside of {folder}: give a name within it.")
    if not path.parent.is_dir():
        raise UserErrorException(f"The script {name} has no folder {path.parent}: make it first, or give a plain name.")
