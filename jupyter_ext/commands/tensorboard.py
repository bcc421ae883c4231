"""``tensorboard``: the event files of runs in TensorBoard, where that is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.commands.answer import Answer
from jupyter_ext.commands.find import find_run
from jupyter_ext.core.runs.tensorboard import Tensorboard

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from jupyter_ext.core.workspaces.workspace import Workspace


def tensorboard(workspace: Workspace, options: Namespace) -> Answer:
    """Start TensorBoard on ``logs`` and ``outputs`` of runs; it ends when this process does.

    Raises
    ------
    UserErrorException
        TensorBoard is not installed beside this package, or its port is taken.
    """
    board = Tensorboard([find_run(workspace, name) for name in options.runs or ["@last"]], port=options.port)
    url = board.begin()
    return Answer({"url": url, "pid": board.process and board.process.pid}, pieces=_said(board, url, options.stays))


def _said(board: Tensorboard, url: str, stays: bool) -> Iterator[str]:
    """Yield where TensorBoard is to be found; a terminal then stays with it until Ctrl-C."""
    yield f"{url}\n"
    if stays and board.process is not None:
        board.process.wait()
