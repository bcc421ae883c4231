"""A run's files, brought to where they are wanted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jupyter_ext.runtime.inside.jupyter_aml_run.downloads import copy, log_names, target_of, targets_of
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.live.output_files import file_names, locate

from .base import RunBase

if TYPE_CHECKING:
    from pathlib import Path


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
        copy(str(self._existing(name)), target_of(name, output_file_path))

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
        for name, target in targets_of(self.get_file_names(), prefix, output_directory, output_paths, append_prefix):
            copy(str(self._existing(name)), target)

    def get_all_logs(self, destination: str | None = None) -> list[str]:
        """Copy the logs into a folder, ``assets/<run id>`` where none is named; return their paths."""
        folder = destination or os.path.join("assets", self.id)  # noqa: PTH118 - a str is returned
        names = self._log_names()
        for name in names:
            copy(str(self._existing(name)), os.path.join(folder, name))  # noqa: PTH118 - as above
        return [os.path.join(folder, name) for name in names]  # noqa: PTH118 - as above

    def _log_names(self) -> list[str]:
        return log_names(self.get_file_names())

    def _existing(self, name: str) -> Path:
        path = locate(self.paths, name)
        if not path.is_file():
            names = self.get_file_names()
            near = did_you_mean(name, names)
            raise UserErrorException(f"The run has no file {name!r}. It has: {', '.join(names) or 'none yet'}.{near}")
        return path
