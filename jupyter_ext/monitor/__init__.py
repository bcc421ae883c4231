"""What a cell shows of a run: the live monitor, and what stays of it in the saved notebook.

Importing this costs nothing: ipywidgets and anywidget are imported when a monitor is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_ext.monitor.display import show, warm_up
    from jupyter_ext.monitor.widget import RunMonitor

__all__ = ["RunMonitor", "show", "warm_up"]


def __getattr__(name: str) -> Any:
    if name == "RunMonitor":
        from jupyter_ext.monitor.widget import RunMonitor  # noqa: PLC0415 - the costly import

        return RunMonitor
    if name in __all__:
        from jupyter_ext.monitor import display  # noqa: PLC0415 - keeps this module light

        return getattr(display, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
