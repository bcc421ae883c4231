"""The notebook that a cell stands in: its folder, and what its shell can show."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.monitor.front_end import in_notebook

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_start: Path | None = None


def remember_start() -> None:
    """Note the folder that the kernel has begun in, as far as we can know it."""
    global _start  # noqa: PLW0603 - a process has one beginning
    _start = _start or Path.cwd()


def folder(shell: InteractiveShell) -> Path:
    """Return the notebook's folder, as far as it is known; else the working directory.

    VS Code tells the notebook's path to its kernel. Jupyter tells it in a variable, which other kernels may have
    inherited from this one: it is believed where the kernel has begun in that folder.
    """
    told = shell.user_ns.get("__vsc_ipynb_file__")
    if isinstance(told, str) and Path(told).is_file():
        return Path(told).parent
    told = shell.user_ns.get("__session__") or os.environ.get("JPY_SESSION_NAME")
    if isinstance(told, str) and Path(told).is_file() and Path(told).absolute().parent == _start:
        return Path(told).absolute().parent
    return Path.cwd()


def give(shell: InteractiveShell, magic: str, result: Any) -> None:
    """Give a cell that is about to fail what its magic would have returned: as ``_``, and under the name it assigns to.

    Where several of its lines assign from the magic, none is known to be the one that fails, and only ``_`` is set.
    """
    shell.displayhook.update_user_ns(result)  # type: ignore[no-untyped-call]
    cell = shell.history_manager.input_hist_raw[-1] if shell.history_manager else ""
    names = re.findall(rf"^[ \t]*(\w+)[ \t]*=[ \t]*%{magic}\b", cell, re.MULTILINE)
    if len(names) == 1:
        shell.user_ns[names[0]] = result


def already_shown(shell: InteractiveShell, result: Any) -> None:
    """Keep the shell from showing a cell's result once more, as its monitor or its build says it all.

    A terminal has begun a line for it by then, so there it is named.
    """
    name = "_ipython_display_"
    named = "" if in_notebook(shell) else " ".join(str(result).split())

    def show() -> None:
        if named:
            print(named)  # noqa: T201 - what a terminal shows

    def forget(*_: object) -> None:
        shell.events.unregister("post_run_cell", forget)
        with suppress(AttributeError):
            object.__delattr__(result, name)

    object.__setattr__(result, name, show)
    shell.events.register("post_run_cell", forget)
