"""``doctor``: what runs stand on, looked at and mended."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.core.health import WRONG, examine

if TYPE_CHECKING:
    from argparse import Namespace


def doctor(options: Namespace) -> Answer:
    """Look at everything; the exit code is 1 where something is wrong."""
    findings = list(examine(options.workspace, mend=not options.dry_run))
    wrong = [one for one in findings if one.state == WRONG]
    text = f"{len(wrong)} of these are wrong." if len(wrong) > 1 else "One of these is wrong." if wrong else ""
    rows = [(one.state, one.what, one.told) for one in findings]
    return Answer(
        [asdict(one) for one in findings], [Table(("state", "what", "told"), rows)], text, code=1 if wrong else 0
    )
