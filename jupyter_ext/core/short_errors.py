"""How a cell that asked for what cannot be says so: one short message, and no traceback through our code."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.store.live.terminal_text import plain

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_OURS = str(Path(__file__).parent.parent)
_RED, _PLAIN = "\x1b[0;31m", "\x1b[0m"


class _Short:
    """Mixed into an exception's class: it is told by its message alone."""

    _said: str
    _excerpt: str

    def __str__(self) -> str:
        return self._said

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback."""
        told = f"{_RED}{type(self).__name__}{_PLAIN}: {self._said}"
        return [self._excerpt, told] if self._excerpt else [told]


def shortened(error: BaseException, message: str | None = None, excerpt: str = "") -> BaseException:
    """Return an exception of the same class and content that IPython shows as one message.

    Parameters
    ----------
    error
        What was raised.
    message
        What is shown of it; its own message where it is None.
    excerpt
        Lines shown above the message, such as the cell's own that is wrong.
    """
    if isinstance(error, _Short):
        return error
    kind = _short_class(type(error))
    short: Any = kind.__new__(kind, *error.args)
    short.__dict__.update(error.__dict__)
    short._said = plain(message or getattr(error, "message", None) or str(error))
    short._excerpt = excerpt
    made: BaseException = short
    return made


def _short_class(kind: Any) -> type[BaseException]:
    return type(kind.__name__, (_Short, kind), {"__module__": kind.__module__, "__doc__": kind.__doc__})


def shorten_uncaught() -> None:
    """Let what our API raises in a cell end with the cell's own line, unless the shell is told of others already.

    Where there is no shell of IPython's, nothing is done.
    """
    ipython = sys.modules.get("IPython")
    shell: InteractiveShell | None = ipython.get_ipython() if ipython else None
    if shell is not None and not shell.custom_exceptions:
        shell.set_custom_exc((AzureMLException,), _show)  # type: ignore[no-untyped-call]


def forget_uncaught(shell: InteractiveShell) -> None:
    """Undo :func:`shorten_uncaught`."""
    if shell.custom_exceptions == (AzureMLException,):
        shell.set_custom_exc((), None)  # type: ignore[no-untyped-call]


def _show(
    shell: Any, kind: type[BaseException], error: BaseException, trace: TracebackType, tb_offset: int | None = None
) -> list[str]:
    """Show an uncaught exception as the shell does, without our frames and with its message alone."""
    if isinstance(error, _Short):
        told: list[str] = error._render_traceback_()
    else:
        error = shortened(error)
        told = shell.InteractiveTB.structured_traceback(kind, error, _outside(trace), tb_offset=tb_offset)
    shell._showtraceback(kind, error, told)
    return told


def _outside(trace: TracebackType) -> TracebackType:
    """Return a traceback up to its last frame that is not ours."""
    entries, step = [], trace
    while step is not None:
        entries.append(step)
        step = step.tb_next  # type: ignore[assignment]
    while len(entries) > 1 and entries[-1].tb_frame.f_code.co_filename.startswith(_OURS):
        entries.pop()
    kept: TracebackType | None = None
    for entry in reversed(entries):
        kept = TracebackType(kept, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return kept or trace
