"""``jupyter aml``: the verbs in a terminal."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from contextlib import nullcontext, redirect_stdout
from typing import TYPE_CHECKING

from jupyter_ext.commands.parser import HelpShown, aml_parser
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException, UserErrorException
from jupyter_ext.store.live.terminal_text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_ext.commands.answer import Answer

_WRONG_LINE = 2
_INTERRUPTED = 130
_FALLBACK = 120


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; return the exit code.

    0: done. 1: it cannot be, and stderr says why. 2: the line is not understood. 130: Ctrl-C.
    """
    try:
        return _main(sys.argv[1:] if arguments is None else list(arguments))
    except AzureMLException as error:
        print(plain(error.message), file=sys.stderr)  # noqa: T201 - this is a terminal's command
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (PermissionError, FileNotFoundError) as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)  # noqa: T201 - this is a terminal's command
        return 1
    except BrokenPipeError:
        # whoever read has seen enough; Python must not flush into the closed pipe once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _main(arguments: list[str]) -> int:
    parser = aml_parser("jupyter aml")
    try:
        options = parser.parse_args(arguments)
    except HelpShown:
        return 0
    except UserErrorException as error:
        print(plain(error.message), file=sys.stderr)  # noqa: T201 - this is a terminal's command
        return _WRONG_LINE
    if options.verb is None:
        parser.print_help()
        return 0
    from jupyter_ext.commands.find import current_workspace  # noqa: PLC0415 - help must not wait for it
    from jupyter_ext.commands.verbs import do  # noqa: PLC0415 - help must not wait for it

    said = sys.stderr if sys.stderr.isatty() else io.StringIO()
    with redirect_stdout(sys.stderr) if options.json else nullcontext():  # what is said beside it is not JSON
        answer = do(options, lambda: current_workspace(options.workspace, said))
    _show(answer, as_json=options.json)
    return answer.code


def _show(answer: Answer, *, as_json: bool) -> None:
    from jupyter_ext.commands.answer import as_text  # noqa: PLC0415 - help must not wait for it

    if as_json:
        print(json.dumps(answer.data, indent=2, default=str))  # noqa: T201 - this is a terminal's command
    elif answer.pieces is not None:
        for piece in answer.pieces:
            sys.stdout.write(piece)
            sys.stdout.flush()
    else:
        width = shutil.get_terminal_size((_FALLBACK, 24)).columns if sys.stdout.isatty() else None
        print(as_text(answer, width))  # noqa: T201 - this is a terminal's command
    sys.stdout.flush()
    if answer.note:
        print(plain(answer.note), file=sys.stderr)  # noqa: T201 - this is a terminal's command


if __name__ == "__main__":
    sys.exit(main())
