"""Which run a script is."""

import atexit
import os
import sys

from .children import made_here
from .exceptions import RunEnvironmentException
from .offline import OfflineRun
from .run import ChildRun, Run

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

RUN_DIR_VARIABLE = "AML_RUN_DIR"
RANK_VARIABLE = "AML_RANK"

_current: "dict[str, Any]" = {}


def get_context(allow_offline: bool = True) -> "Run | OfflineRun":
    """Give the run that this script is, the same object each time.

    Parameters
    ----------
    allow_offline
        Whether an object that only prints may stand in, outside a run.

    Raises
    ------
    RunEnvironmentException
        Outside a run, without `allow_offline`; or when the run directory cannot be reached.
    """
    run_dir = os.environ.get(RUN_DIR_VARIABLE)
    if not run_dir:
        if not allow_offline:
            raise RunEnvironmentException
        if "offline" not in _current:
            _current["offline"] = OfflineRun()
        return _current["offline"]  # type: ignore[no-any-return]
    if run_dir not in _current:
        _current[run_dir] = _open(run_dir)
    return _current[run_dir]  # type: ignore[no-any-return]


def _open(run_dir: str) -> Run:
    try:
        run = Run(run_dir, rank())
    except (OSError, ValueError) as error:
        raise RunEnvironmentException(
            exception_message="{} names {}, where no run can be read: {}. Is the folder shared with this "
            "machine?".format(RUN_DIR_VARIABLE, run_dir, error)
        ) from None
    atexit.register(_end_children)
    return run


def rank() -> "int | None":
    """Give this process's rank when it is not the first; points without a rank are the first one's."""
    text = os.environ.get(RANK_VARIABLE, "0")
    return int(text) if text.isdigit() and int(text) else None


def _end_children() -> None:
    """End the child runs that this process has made and left running, as it ends itself; others go on with theirs."""
    for folder in made_here():
        ChildRun(folder).end_with(getattr(sys, "last_value", None))
