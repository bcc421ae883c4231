"""Shows a command's answer in a cell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jupyter_ext.commands.answer import as_html, as_text
from jupyter_ext.monitor.front_end import in_notebook
from jupyter_ext.store.live.terminal_text import plain

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_ext.commands.answer import Answer


def show_answer(shell: InteractiveShell, answer: Answer, *, as_json: bool = False) -> None:
    """Show an answer: tables as HTML where there is a front end, aligned text in a terminal."""
    if as_json:
        print(json.dumps(answer.data, indent=2, default=str))  # noqa: T201 - asked for by --json
    elif answer.pieces is not None:
        for piece in answer.pieces:
            print(piece, end="", flush=True)  # noqa: T201 - what a run prints
        if answer.note:
            print(plain(answer.note))  # noqa: T201 - it is for the user
    elif in_notebook(shell):
        from IPython.display import display  # noqa: PLC0415 - a notebook has it

        bundle = {"text/plain": as_text(answer), "text/html": as_html(answer), **answer.views}
        display(bundle, raw=True)  # type: ignore[no-untyped-call]
    else:
        print(as_text(answer))  # noqa: T201 - this is what a terminal shows
