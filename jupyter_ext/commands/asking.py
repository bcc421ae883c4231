"""A question before something goes for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable


def agreed(options: Namespace, what_goes: Iterable[str], question: str) -> bool:
    """Say what goes, ask, and tell whether the answer is yes; with ``--yes`` it is, unasked.

    Raises
    ------
    UserErrorException
        There is nobody to ask.
    """
    if options.yes:
        return True
    if options.json:
        raise UserErrorException("This asks before it deletes, and --json has nobody to ask: add --yes.")
    for line in what_goes:
        print(line)  # noqa: T201 - the question's
    try:
        answer = input(f"{question} [y/N] ")
    except (EOFError, NotImplementedError):  # no terminal; a front end that cannot ask
        raise UserErrorException("There is nobody to ask here: add --yes to delete without a question.") from None
    return answer.strip().lower() in {"y", "yes"}
