"""``logs``: what a run prints, also while it prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.commands.answer import Answer
from jupyter_ext.commands.find import find_run
from jupyter_ext.core.rendering.spelling import count
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.live.log_files import LogFiles
from jupyter_ext.store.live.log_follower import follow
from jupyter_ext.store.live.story import Story
from jupyter_ext.store.records import TERMINAL

if TYPE_CHECKING:
    from argparse import Namespace

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace


def logs(workspace: Workspace, options: Namespace) -> Answer:
    """Give a log of a run: the one that tells most, or the one that is named.

    A run that is followed and has not ended tells what its build prints, and then its script.
    """
    run = find_run(workspace, options.run)
    if options.lines is not None and options.lines < 0:
        raise UserErrorException(f"--lines is {options.lines}: it cannot be negative.")
    goes_on = options.follow and run.get_status() not in TERMINAL
    files = LogFiles(run.paths)
    name = _chosen(run, files, options.file)
    if options.json:
        text = (run.paths.root / name).read_text(encoding="utf-8", errors="replace") if name else ""
        return Answer({"run_id": run.id, "file": name, "text": text})
    if goes_on:
        pieces = follow(run.paths, lambda: run.get_status() in TERMINAL, options.file, options.lines)
    elif name is None:
        hint = "." if run.status in TERMINAL else " yet: --follow waits for it."
        return Answer(None, text=f"Run {run.id} has printed nothing{hint}")
    else:
        pieces = follow(run.paths, lambda: True, name, options.lines)
    note = "" if goes_on or options.file else _others(files, name)
    return Answer(None, pieces=(text for _, text in pieces), note=note)


def _others(files: LogFiles, shown: str | None) -> str:
    """Tell that the script, of which there may be several, has written more logs than the one that is shown."""
    others = [name for name in files.of_the_script() if name != shown]
    if not others:
        return ""
    return f"This is {shown}; there is more in {count(len(others), 'log')}: --file {others[0]}. 'show' lists them."


def _chosen(run: Run, files: LogFiles, asked: str | None) -> str | None:
    story = Story(run.paths)
    story.refresh()
    files.look()
    if asked is None:
        return files.active(story)
    files.index(asked)  # refuses what is not there
    return asked
