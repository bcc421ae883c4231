"""``%aml``: the terminal's verbs in a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_ext import monitor
from jupyter_ext.commands import verbs
from jupyter_ext.commands.find import current_workspace, find_run
from jupyter_ext.commands.parser import aml_parser, split
from jupyter_ext.core.short_errors import shortened
from jupyter_ext.magics.show import show_answer
from jupyter_ext.monitor.front_end import in_notebook
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def say(shell: InteractiveShell, line: str) -> Any:
    """Do what a line of ``%aml`` asks for, and show the answer.

    Raises
    ------
    AzureMLException
        It cannot be; the message tells the remedy.
    """
    __tracebackhide__ = True
    parser = aml_parser("%aml")
    options = parser.parse_args(split(line))
    if options.verb is None:
        parser.print_help()
        return
    if options.verb in ("show", "rerun") and in_notebook(shell) and not options.json:
        run = find_run(current_workspace(options.workspace), options.run)
        if options.verb == "rerun":
            from jupyter_ext.core.runs.again import submit_again  # noqa: PLC0415 - submitting is heavy

            run = submit_again(run)
        monitor.show(run)
        return
    try:
        answer = verbs.do(options, lambda: current_workspace(options.workspace))
        show_answer(shell, answer, as_json=options.json)
    except KeyboardInterrupt as error:
        raise shortened(error, "Stopped; the run goes on.") from None
    if answer.code:
        raise shortened(UserErrorException(answer.text))
