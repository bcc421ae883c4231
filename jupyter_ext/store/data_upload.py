"""Files of this machine, into a datastore."""

from __future__ import annotations

import os
import posixpath
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .data_files import Place


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


def put_folder(folder: Path, place: Place, *, overwrite: bool, globs: Sequence[str] = ()) -> int:
    """Copy what a folder holds to a place; return how many files that were.

    Raises
    ------
    UserErrorException
        A file is there already, and ``overwrite`` is False; nothing is copied then.
    """
    found = {file for pattern in globs or ["**/*"] for file in folder.glob(pattern) if file.is_file()}
    pairs = [(file, place.under(file.relative_to(folder).as_posix())) for file in sorted(found)]
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
