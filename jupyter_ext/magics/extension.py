"""Brings the magics to a shell, and takes them away again."""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING, Any

from jupyter_ext.azureml.finding import disable, enable
from jupyter_ext.core.short_errors import forget_uncaught, shorten_uncaught
from jupyter_ext.magics import notebook
from jupyter_ext.magics.completion import complete
from jupyter_ext.magics.registry import AmlMagics

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

# what the first %aml_submit needs, and what would keep its cell waiting
_NEEDED_SOON = (
    "jupyter_ext.core.submission.submit",
    "jupyter_ext.core.runs.script_run",
    "jupyter_ext.store.snapshots.snapshot",
)
_EMPTY_BODY = "%%aml_env"


def load(shell: InteractiveShell) -> None:
    """Bring the magics and ``azureml``; have the next submission's runner ready."""
    note = enable()
    if note:
        print(note)  # noqa: T201 - one line, as promised
    notebook.remember_start()
    shorten_uncaught()
    shell.register_magics(AmlMagics)
    shell.Completer.custom_matchers.append(complete)
    shell.input_transformers_cleanup.insert(0, _give_a_body)
    threading.Thread(target=_get_ready, args=(hasattr(shell, "kernel"),), name="aml-ready", daemon=True).start()


def unload(shell: InteractiveShell) -> None:
    """Take away what :func:`load` brought."""
    disable()
    forget_uncaught(shell)
    for kind, names in AmlMagics.magics.items():
        for name in names:
            shell.magics_manager.magics[kind].pop(name, None)
    _take(shell.Completer.custom_matchers, complete)
    _take(shell.input_transformers_cleanup, _give_a_body)


def _take(things: list[Any], thing: Any) -> None:
    while thing in things:
        things.remove(thing)


def _give_a_body(lines: list[str]) -> list[str]:
    """Let ``%%aml_env`` stand alone in its cell: the shell refuses a cell magic that has no body."""
    if lines and lines[0].startswith(_EMPTY_BODY) and not "".join(lines[1:]).strip():
        return [lines[0].rstrip("\n") + "\n", "\n", "\n"]
    return lines


def _get_ready(in_kernel: bool) -> None:
    from jupyter_ext.store.runners import keep_spare_runner  # noqa: PLC0415 - in the background

    keep_spare_runner()
    for name in _NEEDED_SOON:
        importlib.import_module(name)
    if in_kernel:
        from jupyter_ext.monitor import warm_up  # noqa: PLC0415 - in the background

        warm_up()
