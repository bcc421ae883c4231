"""A notebook in this process: through IPython where that is installed, else as plain Python."""

import ast
import importlib
import sys
import traceback
from types import ModuleType

from .record import CellFailed, Notebook, Tee, error_output

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Callable

_HARMLESS = ("%matplotlib", "%load_ext", "%autoreload", "%config", "%reload_ext")


def execute_in_ipython(notebook: Notebook) -> None:
    """Run the cells in an IPython shell of this process.

    Raises
    ------
    CellFailed
        One has failed.
    ImportError
        There is no IPython.
    """
    shell = importlib.import_module("IPython.core.interactiveshell").InteractiveShell.instance()
    shell.separate_in = ""

    def run(name: str, text: str) -> "BaseException | None":
        del name
        result = shell.run_cell(text, store_history=True)
        error: "BaseException | None" = result.error_before_exec or result.error_in_exec
        return error

    _execute(notebook, run)


def execute_plain(notebook: Notebook) -> None:
    """Run the cells as one Python program; what the last expression of a cell is, is printed.

    Raises
    ------
    CellFailed
        One has failed.
    """
    program = ModuleType("__main__")
    namespace: "dict[str, Any]" = program.__dict__
    sys.modules["__main__"] = program  # where pickle looks for what the cells define

    def run(name: str, text: str) -> "BaseException | None":
        try:
            for code, is_value in _compiled(text, name):
                value = eval(code, namespace)  # noqa: S307 - it is the run's own script
                if is_value and value is not None:
                    print(repr(value))  # noqa: T201 - as a notebook shows it
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - whatever the cell raises
            lines = traceback.format_exception(type(error), error, _below(error))
            sys.stderr.write("".join(lines))
            return error
        return None

    _execute(notebook, run)


def _execute(notebook: Notebook, run: "Callable[[str, str], BaseException | None]") -> None:
    streams = Tee("stdout"), Tee("stderr")
    for number, cell, text in notebook.cells():
        for stream in streams:
            stream.outputs = cell["outputs"]
        error = run(notebook.name_of(number), text)
        if error is not None:
            name, value = type(error).__name__, str(error)
            cell["outputs"].append(error_output(name, value, traceback.format_exception_only(type(error), error)))
            raise CellFailed(number, _line(error, notebook.name_of(number)), name, value)


def _compiled(text: str, name: str) -> "list[tuple[CodeType, bool]]":
    """Compile a cell: all of it, and its last expression apart."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if line.startswith(_HARMLESS):
            lines[index] = ""
        elif line.startswith(("%", "!")):
            message = "{} needs IPython: add ipykernel to the run's environment".format(line.split()[0])
            raise SyntaxError(message, (name, index + 1, 1, line))
    tree = ast.parse("\n".join(lines), name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    parts = [(compile(tree, name, "exec"), False)]
    if isinstance(last, ast.Expr):
        parts.append((compile(ast.Expression(last.value), name, "eval"), True))
    return parts


def _below(error: BaseException) -> "Any":
    """Give the traceback without the frame of this file."""
    return error.__traceback__.tb_next if error.__traceback__ else None


def _line(error: BaseException, name: str) -> "int | None":
    if isinstance(error, SyntaxError):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame.lineno for frame in frames if frame.filename == name or "ipython-input" in frame.filename]
    return own[0] if own else None
