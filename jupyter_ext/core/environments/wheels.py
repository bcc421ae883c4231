"""Wheels of the user's own, kept with the workspace."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from jupyter_ext.store.paths import WorkspacePaths


def add(paths: WorkspacePaths, file_path: str, *, exist_ok: bool) -> str:
    """Copy a wheel to the workspace, in place of what has its name; return its address, which pip installs.

    Raises
    ------
    UserErrorException
        It is no wheel, or one of that name is kept, and ``exist_ok`` is False.
    """
    file = Path(file_path).expanduser()
    if file.suffix != ".whl" or not file.is_file():
        raise UserErrorException(f"{file} is no wheel: name a .whl file that is there.")
    kept = paths.wheels / file.name
    if kept.exists() and not exist_ok:
        raise UserErrorException(f"There is a {file.name} already: raise its version, or pass exist_ok=True.")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".adding-") as aside:  # a build may read the other
        shutil.copyfile(file, Path(aside, file.name)).replace(kept)
    return kept.as_uri()
