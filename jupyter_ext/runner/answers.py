"""Answers what a run's script asks of its workspace: secrets and models.

The script is not trusted further than that: what it asks with is read as data, and nothing but a pipe is written to.
"""

from __future__ import annotations

import os
import stat
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run import asking
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.store.keyvault import SecretStore
from jupyter_ext.store.models import ModelStore, copy
from jupyter_ext.store.opened import lies_in
from jupyter_ext.store.paths import RunPaths

from .report import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ext.store.records import ModelRecord, RunSpec

_LARGEST_QUESTION = 1024 * 1024
_DOWNLOADED = "azureml-models"


class Answers:
    """Answers the questions of one run.

    Parameters
    ----------
    paths, spec
        The run.
    """

    def __init__(self, paths: RunPaths, spec: RunSpec) -> None:
        self._paths = paths
        self._spec = spec
        workspace = paths.workspace
        self._models = ModelStore(workspace)
        self._secrets = SecretStore(workspace)
        self._copying: dict[Path, threading.Lock] = {}
        self._known: dict[str, Callable[[dict[str, Any]], Any]] = {
            "secret": lambda asked: self._secrets.get(str(asked["name"])),
            "model": self._model,
            "models": lambda asked: [_told(one) for one in self._models.records(asked.get("name"))],
            "model_files": self._model_files,
            "register_model": self._register_model,
            "register_path": self._register_path,
        }

    def tick(self) -> None:
        """Begin to answer what has been asked since the last time; costs one failed look-up where nothing ever was."""
        try:
            folder = os.open(self._paths.asks, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return
        try:
            for name in os.listdir(folder):  # noqa: PTH208 - an open folder
                question = _take(folder, name) if name.endswith(asking.QUESTION) else None
                if question is not None:
                    pipe = _pipe(folder, name.removesuffix(asking.QUESTION) + asking.ANSWER)
                    threading.Thread(target=self._answer, args=(pipe, question), daemon=True, name="aml-answer").start()
        finally:
            os.close(folder)

    def _answer(self, pipe: int, question: bytes) -> None:
        answer: dict[str, Any]
        try:
            asked = msgspec.json.decode(question, type=dict[str, Any])
            answer = {"value": self._known[asked["what"]](asked)}
        except AzureMLException as error:
            answer = {"kind": type(error).__name__, "error": error.message}
        except Exception as error:  # noqa: BLE001 - whatever it is, the script waits for an answer
            answer = {"error": f"The runner could not answer: {type(error).__name__}: {error}"}
        if pipe < 0:
            return
        try:
            os.write(pipe, msgspec.json.encode(answer) + b"\n")
        except OSError as error:
            say(f"an answer that could not be given: {error}")
        finally:
            os.close(pipe)

    def _model(self, asked: dict[str, Any]) -> dict[str, Any]:
        return _told(self._models.find(asked["name"], asked.get("version")))

    def _model_files(self, asked: dict[str, Any]) -> str:
        """Copy a model to where the script finds it, relative to its working directory."""
        record = self._models.find(asked["name"], asked.get("version"))
        source = self._models.files(record)
        folder = Path(_DOWNLOADED, record.name, str(record.version))
        whole = source.parent != self._models.folder(record.name, record.version)
        target = folder / source.name if whole else folder
        if not self._is_in_work(self._paths.work / target):
            raise _leads_out(folder)
        with self._copying.setdefault(target, threading.Lock()):  # several ranks may ask at once
            if not (self._paths.work / target).exists():
                self._copy_whole(source, self._paths.work / target, self._models.folder(record.name, 0).parent)
        return str(target)

    def _register_model(self, asked: dict[str, Any]) -> dict[str, Any]:
        paths = self._run_named(asked.get("run_id"))
        about = {"run_id": paths.run_id, "experiment": self._spec.experiment, **asked["about"]}
        return _told(self._models.register_from_run(paths, asked["name"], asked["path"], about, self._work.parent))

    def _run_named(self, run_id: str | None) -> RunPaths:
        """Return the run itself, or one that it made."""
        if run_id in (None, self._paths.run_id):
            return self._paths
        child = RunPaths(self._paths.children / os.path.basename(str(run_id)))  # noqa: PTH119 - a name, not a path
        inside = Path(os.path.realpath(self._paths.root), self._paths.children.name)
        if not child.run_json.is_file() or not Path(os.path.realpath(child.root)).is_relative_to(inside):
            raise AzureMLException(f"Run {self._paths.run_id} has made no run {run_id}.")
        return child

    def _register_path(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Register a file or folder that lies in the script's working directory."""
        real = Path(os.path.realpath(self._paths.work / asked["path"]))
        if not self._is_in_work(real) or not real.exists():
            raise AzureMLException(f"There is no {asked['path']} in the run's working directory: put it there first.")
        about = {"run_id": self._spec.run_id, "experiment": self._spec.experiment, **asked["about"]}
        files = [real] if real.is_file() else [file for file in sorted(real.rglob("*")) if file.is_file()]
        own = [file for file in files if self._is_in_work(file)]
        if not own:
            raise AzureMLException(f"{asked['path']} has no file of the run's working directory: put one there first.")
        sources = {str(file.relative_to(real.parent)): Path(os.path.realpath(file)) for file in own}
        return _told(self._models.register(asked["name"], sources, about, self._work))

    @property
    def _work(self) -> Path:
        """The script's working directory, which may be a link itself by now."""
        return Path(os.path.realpath(self._paths.root), self._paths.work.name)

    def _is_in_work(self, path: Path) -> bool:
        """Tell whether a path leads, through whatever links, to the script's working directory."""
        return Path(os.path.realpath(path)).is_relative_to(self._work)

    def _copy_whole(self, source: Path, target: Path, beside: Path) -> None:
        """Copy a model where the script does not see it, then give it its name: whoever finds it finds all of it."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=beside, prefix=".new-") as aside:
            copy(source, Path(aside, target.name))
            folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                if not lies_in(folder, self._work):
                    raise _leads_out(target.parent)
                os.rename(Path(aside, target.name), target.name, dst_dir_fd=folder)
            finally:
                os.close(folder)


def _leads_out(folder: Path) -> AzureMLException:
    return AzureMLException(f"{folder} leads out of the run through a link: remove it.")


def _take(folder: int, name: str) -> bytes | None:
    """Return a question, which is then nobody else's to answer."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    try:
        text = os.read(file, _LARGEST_QUESTION) if stat.S_ISREG(os.fstat(file).st_mode) else None
        os.unlink(name, dir_fd=folder)
    except OSError:
        return None
    finally:
        os.close(file)
    return text


def _pipe(folder: int, name: str) -> int:
    """Open the pipe that an answer goes into; -1 where nobody listens."""
    try:
        pipe = os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        say(f"an answer that nobody waits for: {error}")
        return -1
    if not stat.S_ISFIFO(os.fstat(pipe).st_mode):
        os.close(pipe)
        return -1
    os.set_blocking(pipe, True)
    return pipe


def _told(record: ModelRecord) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(record)
    return told
