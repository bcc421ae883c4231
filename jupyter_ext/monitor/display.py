"""Show a run where the reader is: a widget in a notebook, text in a terminal."""

from __future__ import annotations

import importlib
import sys
import threading
from typing import TYPE_CHECKING

from jupyter_ext.core.rendering import text
from jupyter_ext.monitor.front_end import in_notebook
from jupyter_ext.store.live.feed import RunFeed

if TYPE_CHECKING:
    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.monitor.widget import RunMonitor


def show(run: Run) -> RunMonitor | None:
    """Show a run's monitor under the cell that runs, or its summary in a terminal.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    RunMonitor or None
        The monitor that was shown; None in a terminal.
    """
    if not in_notebook():
        feed = RunFeed(run.paths)
        feed.read_all()
        sys.stdout.write(text.render(feed) + "\n")
        return None
    from IPython.display import display  # noqa: PLC0415 - a terminal may have no IPython

    from jupyter_ext.monitor.widget import RunMonitor  # noqa: PLC0415 - the costly import

    monitor = RunMonitor(run)
    display(monitor)  # type: ignore[no-untyped-call]
    return monitor


def warm_up() -> None:
    """Begin to import what a monitor needs, in the background, so that the first is shown sooner."""
    threading.Thread(
        target=importlib.import_module, args=("jupyter_ext.monitor.widget",), name="aml-warm-up", daemon=True
    ).start()
