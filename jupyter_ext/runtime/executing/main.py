"""Which way a notebook is run, and how its end is told."""

import sys

from . import in_kernel, in_process
from .record import CellFailed, Notebook


def main(arguments: "list[str]") -> int:
    """Run a notebook; 0 when every cell ended well."""
    if not arguments:
        sys.stderr.write("usage: run_notebook.py NOTEBOOK [ARGUMENTS ...]\n")
        return 2
    path = arguments[0]
    try:
        notebook = Notebook(path)
    except (OSError, ValueError) as error:
        sys.stderr.write("{} cannot be run: {}.\n".format(path, error))
        return 1
    sys.argv = arguments
    try:
        _execute(notebook, arguments[1:])
    except CellFailed as failed:
        # in the form of Python's own, which the run's readers know
        place = '  File "{}", line {}, in <module>\n'.format(notebook.name_of(failed.cell), failed.line or 1)
        sys.stderr.write("\nTraceback (most recent call last):\n{}{}: {}\n".format(place, failed.name, failed.value))
        return 1
    return 0


def _execute(notebook: Notebook, arguments: "list[str]") -> None:
    try:
        in_kernel.execute(notebook, arguments)
    except ImportError as error:
        missing = error.name
    else:
        return
    try:
        _say("There is no {} in this environment: the cells run in IPython, without a kernel.".format(missing))
        in_process.execute_in_ipython(notebook)
    except ImportError:
        _say("There is no IPython either: the cells run as plain Python.")
        in_process.execute_plain(notebook)


def _say(text: str) -> None:
    sys.stderr.write("jupyter-aml: {}\n".format(text))
