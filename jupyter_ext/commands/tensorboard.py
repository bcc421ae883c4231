"""``tensorboard``: the event files of runs in TensorBoard, where that is installed."""

from __future__ import annotations

import atexit
import importlib.util
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_ext.commands.answer import Answer
from jupyter_ext.commands.find import find_run
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from jupyter_ext.core.workspace import Workspace


def tensorboard(workspace: Workspace, options: Namespace) -> Answer:
    """Start TensorBoard on ``logs`` and ``outputs`` of runs; it ends when this process does.

    Raises
    ------
    UserErrorException
        TensorBoard is not installed beside this package.
    """
    runs = [find_run(workspace, name) for name in options.runs or ["@last"]]
    if importlib.util.find_spec("tensorboard") is None:
        raise UserErrorException(
            "TensorBoard is not installed: pip install tensorboard into the Python that runs this."
        )
    folder = Path(tempfile.mkdtemp(prefix="jupyter-aml-tensorboard-"))
    for run in runs:
        (folder / run.id).mkdir()
        for name in ("logs", "outputs"):
            (folder / run.id / name).symlink_to(run.paths.root / name)
    command = [sys.executable, "-m", "tensorboard.main", f"--logdir={folder}", f"--port={options.port}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    atexit.register(_end, process, folder)
    return Answer({"pid": process.pid, "folder": str(folder)}, pieces=_said(process, stays=options.stays))


def _said(process: subprocess.Popen[str], *, stays: bool) -> Iterator[str]:
    """Yield where TensorBoard is to be found; a terminal then stays with it until Ctrl-C."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    found = False
    for line in process.stdout:  # read to its end: a full pipe would hold TensorBoard up
        if not found and "http://" in line:
            found = True
            yield line
            if not stays:
                threading.Thread(target=process.stdout.read, name="aml-tensorboard", daemon=True).start()
                return
    if not found:
        raise UserErrorException("TensorBoard ended at once: is its port taken? Name another with --port.")


def _end(process: subprocess.Popen[str], folder: Path) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    for link in folder.glob("*/*"):
        link.unlink()
    for inside in folder.iterdir():
        inside.rmdir()
    folder.rmdir()
