"""TensorBoard over the event files of runs, while they run and after."""

from __future__ import annotations

import atexit
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from .run import Run

_FOLDERS = ("logs", "outputs")
_END_SECONDS = 5.0


class Tensorboard:
    """TensorBoard on ``logs`` and ``outputs`` of runs; it ends when it is stopped, or this process ends.

    Parameters
    ----------
    runs
        A run, or several.
    local_root
        A folder in which a link to each run is made; a temporary one where it is None.
    port
        Where it listens.
    use_display_name
        Show runs by their display names, not their ids.
    """

    def __init__(
        self, runs: Run | list[Run], local_root: str | None = None, port: int = 6006, use_display_name: bool = False
    ) -> None:
        self._runs = list(runs) if isinstance(runs, list | tuple) else [runs]
        self._root = local_root
        self._port = port
        self._by_name = use_display_name
        self._process: subprocess.Popen[str] | None = None
        self._made: list[Path] = []

    @property
    def process(self) -> subprocess.Popen[str] | None:
        """TensorBoard itself, while it runs."""
        return self._process

    def start(self, start_browser: bool = False) -> str:
        """Start TensorBoard; print its address, and return it.

        Parameters
        ----------
        start_browser
            Open it in a browser as well.

        Raises
        ------
        UserErrorException
            TensorBoard is not installed beside this package, or cannot start; the message tells why.
        """
        url = self.begin()
        print(url)  # noqa: T201 - as v1 does
        if start_browser:
            webbrowser.open(url)
        return url

    def begin(self) -> str:
        """Start TensorBoard, and return its address; see :meth:`start`."""
        if self._process is not None:
            raise UserErrorException("It runs already: stop() it first.")
        if importlib.util.find_spec("tensorboard") is None:
            raise UserErrorException("TensorBoard is not installed: pip install 'jupyter-aml[tensorboard]'.")
        folder = self._link()
        command = [sys.executable, "-m", "tensorboard.main", f"--logdir={folder}", f"--port={self._port}"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._process = process
        atexit.register(self.stop)
        assert process.stdout is not None  # noqa: S101 - it was asked for
        said = []
        for line in process.stdout:
            said.append(line)
            if "http://" in line:
                # read to its end: a full pipe would hold TensorBoard up
                threading.Thread(target=_drain, args=(process.stdout,), name="aml-tensorboard", daemon=True).start()
                return "http://" + line.split("http://", 1)[1].split()[0]
        process.stdout.close()
        self.stop()
        why = next((line.strip() for line in reversed(said) if line.strip()), "it said nothing")
        raise UserErrorException(f"TensorBoard ended at once: {why} Is its port, {self._port}, taken? Name another.")

    def stop(self) -> None:
        """End TensorBoard; harmless where it does not run."""
        process, self._process = self._process, None
        atexit.unregister(self.stop)
        if process is not None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_END_SECONDS)
            if process.poll() is None:
                process.kill()
                process.wait()
        for made in reversed(self._made):
            if made.is_symlink():
                made.unlink()
            else:
                shutil.rmtree(made, ignore_errors=True)
        self._made.clear()

    def _link(self) -> Path:
        """Make a folder in which each run's event files are found under its name."""
        root = Path(self._root) if self._root else Path(tempfile.mkdtemp(prefix="jupyter-aml-tensorboard-"))
        if self._root is None:
            self._made.append(root)
        for run in self._runs:
            folder = self._folder(root, run)
            folder.mkdir(parents=True, exist_ok=True)
            for name in _FOLDERS:
                link = folder / name
                if not link.is_symlink():
                    link.symlink_to(run.paths.root / name)
                    self._made.append(link)
        return root

    def _folder(self, root: Path, run: Run) -> Path:
        name = run.display_name.replace("/", "_") if self._by_name else run.id
        link = root / name / _FOLDERS[0]
        of_another = link.is_symlink() and link.readlink() != run.paths.root / _FOLDERS[0]
        return root / (f"{name}_{run.id}" if of_another else name)


def _drain(stream: IO[str]) -> None:
    with stream:
        stream.read()


def export_to_tensorboard(run_data: Any, logsdir: str, logger: Any = None, recursive: bool = True) -> None:
    """Write the numbers that runs have logged as TensorBoard's event files.

    Parameters
    ----------
    run_data
        A run, a list of runs, or an experiment.
    logsdir
        The folder; each run gets one of its own in it, named by its id.
    logger
        Where it is told what is written.
    recursive
        The children of runs too.

    Raises
    ------
    UserErrorException
        TensorBoard, which writes them, is not installed beside this package.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise UserErrorException("TensorBoard is not installed: pip install 'jupyter-aml[tensorboard]'.")
    runs = run_data.get_runs() if hasattr(run_data, "get_runs") else run_data
    for run in runs if not hasattr(runs, "get_metrics") else [runs]:
        _export(run, Path(logsdir), logger)
        for child in run.get_children(recursive=True) if recursive else ():
            _export(child, Path(logsdir), logger)


def _export(run: Run, folder: Path, logger: Any) -> None:
    from tensorboard.compat.proto.event_pb2 import Event  # noqa: PLC0415 - an extra
    from tensorboard.compat.proto.summary_pb2 import Summary  # noqa: PLC0415 - an extra
    from tensorboard.summary.writer.event_file_writer import EventFileWriter  # noqa: PLC0415 - an extra

    run._metric_file.refresh()
    written = 0
    writer = EventFileWriter(str(folder / run.id))
    for name, metric in run._metric_file.metrics.items():
        for columns in metric.columns:
            for step, t, value in zip(columns.steps, columns.times, columns.values, strict=True):
                summary = Summary(value=[Summary.Value(tag=name, simple_value=float(value))])
                writer.add_event(Event(wall_time=float(t), step=int(step), summary=summary))
                written += 1
    writer.close()
    if logger is not None:
        logger.info("%s: %d values", run.id, written)
