"""The ids of runs, which name their folders, and the names of experiments, which folders give."""

from __future__ import annotations

import re
import secrets
import time
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from pathlib import Path

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME = 255
_RUN_ID = re.compile(r"^[A-Za-z0-9][\w.-]{0,254}\Z", re.ASCII)


def experiment_name(folder: Path) -> str:
    """Return a folder's name as an experiment may have it."""
    return _NOT_IN_A_NAME.sub("-", folder.name).strip("-_")[:_LONGEST_NAME] or "notebook"


def checked_run_id(run_id: str) -> str:
    """Return an id that a user has chosen.

    Raises
    ------
    UserErrorException
        It cannot name a folder.
    """
    if not isinstance(run_id, str) or not _RUN_ID.match(run_id):
        raise UserErrorException(
            f"{run_id!r} cannot be a run id: use up to 255 letters, digits, '-', '.' and '_', a letter or digit first."
        )
    return run_id


def new_run_id(experiment: str) -> str:
    """Return an id in v1's form: ``<experiment>_<unix seconds>_<8 hex>``."""
    return f"{experiment}_{int(time.time())}_{secrets.token_hex(4)}"
