"""``tensorboard``: the event files of runs in TensorBoard, where that is installed."""

from __future__ import annotations

import atexit
import importlib.util
import subprocess
import sys
import tempfile
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
    """Start TensorBoard on ``logs`` and ``outputs`` of runs; it ends with this process.

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
    return Answer({"pid": process.pid, "folder": str(folder)}, pieces=_until_it_listens(process))


def _until_it_listens(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    for line in process.stdout:
        if "http://" in line or process.poll() is not None:
            yield line
            return
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
