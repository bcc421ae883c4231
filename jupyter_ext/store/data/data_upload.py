"""Files of this machine, into a datastore."""

from __future__ import annotations

import os
import posixpath
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .places import Place


def put(file: Path, place: Place) -> None:
    """Copy a file to a place; on this machine it is there whole or not at all."""
    with place.doing(f"{file.name} cannot be written"):
        if not place.is_local:
            place.fs.put_file(str(file), place.path)
            return
        target = Path(place.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
        try:
            shutil.copyfile(file, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def files_inside(files: Iterable[Path], within: Path | None) -> list[Path]:
    """Return those of some files that lie, through whatever links, within a folder; all where None is named."""
    if within is None:
        return list(files)
    root = os.path.realpath(within)
    return [file for file in files if Path(os.path.realpath(file)).is_relative_to(root)]


def put_folder(
    folder: Path, place: Place, *, overwrite: bool, globs: Sequence[str] = (), within: Path | None = None
) -> int:
    """Copy what a folder holds to a place; return how many files that were.

    Parameters
    ----------
    within
        The folder that links may not lead out of; files that they have elsewhere are left out.

    Raises
    ------
    UserErrorException
        A file is there already, and ``overwrite`` is False; nothing is copied then.
    """
    found = {file for pattern in globs or ["**/*"] for file in folder.glob(pattern) if file.is_file()}
    own = files_inside(sorted(found), within)
    pairs = [(file, place.under(file.relative_to(folder).as_posix())) for file in own]
    if not overwrite:
        for _, to in pairs:
            if to.exists():
                raise UserErrorException(
                    f"{posixpath.basename(to.path)} is at {to.address} already: choose another destination, or "
                    "as_upload(overwrite=True)."
                )
    for file, to in pairs:
        put(file, to)
    return len(pairs)
