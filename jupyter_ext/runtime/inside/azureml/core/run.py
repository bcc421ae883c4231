"""``azureml.core.run``: the run of this script."""

from jupyter_aml_run.context import get_context
from jupyter_aml_run.offline import OfflineRun as _OfflineRun
from jupyter_aml_run.place import RunElsewhere
from jupyter_aml_run.run import Run

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Run", "_OfflineRun", "get_run"]


def get_run(experiment: "Any" = None, run_id: "str | None" = None, **kwargs: "Any") -> "Any":
    """Give the run of this script; of others there is only the id.

    Parameters
    ----------
    experiment
        Accepted as in v1.
    run_id
        The run's id; None is this script's.
    **kwargs
        Accepted as in v1.
    """
    del experiment, kwargs
    run = get_context()
    return run if run_id in {None, run.id} else RunElsewhere(run_id or "")
