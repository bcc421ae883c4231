"""What the runs that a script makes are told about where they come from."""

import os

from mlflow.tracking.context.abstract_context import RunContextProvider

from ..context import RUN_DIR_VARIABLE
from ..metric_logger import read_asked

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any


class RunContext(RunContextProvider):
    """Inside a run, the source is its script, and the user is who submitted it."""

    def in_context(self) -> bool:
        """Tell whether this code is in a run."""
        return bool(os.environ.get(RUN_DIR_VARIABLE))

    def tags(self) -> "dict[str, Any]":
        """Give the tags."""
        asked = read_asked(os.environ[RUN_DIR_VARIABLE])
        told = {
            "mlflow.source.name": asked.get("script") or asked.get("command"),
            "mlflow.source.type": "JOB",
            "mlflow.user": asked.get("submitted_by"),
        }
        return {name: value for name, value in told.items() if value}
