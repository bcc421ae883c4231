"""``%aml_submit --dry-run``: what would be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.commands.answer import Answer, Table
from jupyter_ext.magics.show import show_answer
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.snapshots import snapshot
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell


def show_plan(shell: InteractiveShell, folder: Path, script: str) -> None:
    """List the files that a snapshot of a folder would hold: how many, the largest, what looks like a secret.

    Raises
    ------
    UserErrorException
        The script would not be among them.
    """
    plan = snapshot.plan(folder)
    names = {name for name, _ in plan.files}
    if script not in names:
        scripts = sorted(name for name in names if name.endswith(".py"))
        there, near = ", ".join(scripts[:8]) or "no Python files", did_you_mean(script, scripts)
        raise UserErrorException(f"There is no script {script} among what {folder} would send (there: {there}).{near}")
    files = "1 file" if len(plan.files) == 1 else f"{len(plan.files):,} files"
    tables = [
        Table(
            ("what", "file", "size"),
            [("script", script, size_text(dict(plan.files)[script]))]
            + [("large", name, size_text(size)) for name, size in plan.largest() if name != script],
        )
    ]
    text = f"{files}, {size_text(plan.size)} would be sent from {folder}"
    if plan.size > snapshot.MAX_BYTES:
        text += f": more than the {size_text(snapshot.MAX_BYTES)} that a snapshot may hold"
    if plan.secrets:
        rows = [("secret?", name, why) for name, why in sorted(plan.secrets.items())]
        tables.append(Table(("what", "file", "it looks like one by"), rows))
        text += f". Put what is secret into {folder / '.amlignore'}"
    show_answer(shell, Answer(None, tables, text + "."))
