"""A run's files, brought to where they are wanted."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.output_files import file_names, locate

from .run_base import RunBase

_LOGS = ("user_logs/", "system_logs/", "logs/")


class RunFiles(RunBase):
    """What a run offers of its files."""

    def get_file_names(self) -> list[str]:
        """List the run's files: outputs, logs, and what was uploaded."""
        return file_names(self.paths)

    def download_file(self, name: str, output_file_path: str | None = None, _validate_checksum: bool = False) -> None:
        """Copy a file of the run: to the working directory under its base name, into a folder, or to a path (v1).

        Raises
        ------
        UserErrorException
            The run has no such file, or it is a link that leads out of the run.
        """
        source = self._existing(name)
        base = os.path.basename(name)  # noqa: PTH119 - names have '/' everywhere
        target = Path(output_file_path or base)
        if target.is_dir() or (output_file_path or "").endswith(("/", os.sep)):
            target /= base
        _copy(source, target)

    def download_files(
        self,
        prefix: str | None = None,
        output_directory: str | None = None,
        output_paths: list[str] | None = None,
        batch_size: int = 100,
        append_prefix: bool = True,
        timeout_seconds: int | None = None,
    ) -> None:
        """Copy the files under a folder of the run.

        Parameters
        ----------
        prefix
            The folder, such as ``outputs``; None for all files.
        output_directory
            Where to; the files keep their names, ``prefix`` included unless ``append_prefix`` is False.
        output_paths
            Where each file goes, in place of ``output_directory``.
        """
        del batch_size, timeout_seconds
        folder = prefix.rstrip("/") + "/" if prefix else ""
        names = [name for name in self.get_file_names() if name.startswith(folder)]
        if output_paths is not None and len(output_paths) != len(names):
            raise UserErrorException(f"{len(output_paths)} output_paths are given for {len(names)} files.")
        for index, name in enumerate(names):
            kept = name if append_prefix or output_directory is None else name[len(folder) :]
            target = Path(output_paths[index]) if output_paths else Path(output_directory or ".") / kept
            _copy(self._existing(name), target)

    def get_all_logs(self, destination: str | None = None) -> list[str]:
        """Copy the logs into a folder, ``assets/<run id>`` where none is named; return their paths."""
        folder = Path(destination or Path("assets") / self.id)
        targets = []
        for name in self._log_names():
            target = folder / name
            _copy(self.paths.root / name, target)
            targets.append(str(target))
        return targets

    def _log_names(self) -> list[str]:
        return [name for name in self.get_file_names() if name.startswith(_LOGS)]

    def _existing(self, name: str) -> Path:
        path = locate(self.paths, name)
        if not path.is_file():
            names = self.get_file_names()
            raise UserErrorException(f"The run has no file {name!r}. It has: {', '.join(names) or 'none yet'}.")
        return path


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
