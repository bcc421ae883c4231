"""A run's files, brought by a script to where it wants them."""

import os

from . import artifacts
from .exceptions import UserErrorException
from .facts import RunFacts

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_LOGS = ("user_logs/", "system_logs/", "logs/")


class RunDownloads(RunFacts):
    """What a run offers a script of its files."""

    def download_file(self, name: str, output_file_path: "str | None" = None, **kwargs: "Any") -> None:
        """Copy a file of the run: to the working directory under its base name, into a folder, or to a path.

        Parameters
        ----------
        name
            The file's name.
        output_file_path
            Where to.
        **kwargs
            Accepted as in v1.

        Raises
        ------
        UserErrorException
            The run has no such file.
        """
        del kwargs
        base = os.path.basename(name)
        target = output_file_path or base
        if os.path.isdir(target) or target.endswith("/"):
            target = os.path.join(target, base)
        _copy(self._existing(name), target)

    def download_files(
        self,
        prefix: "str | None" = None,
        output_directory: "str | None" = None,
        output_paths: "list[str] | None" = None,
        batch_size: int = 100,
        append_prefix: bool = True,
        timeout_seconds: "int | None" = None,
    ) -> None:
        """Copy the files under a folder of the run.

        Parameters
        ----------
        prefix
            The folder, such as ``outputs``; None for all files.
        output_directory
            Where to; the files keep their names, `prefix` included unless `append_prefix` is False.
        output_paths
            Where each file goes, in place of `output_directory`.
        batch_size, timeout_seconds
            Accepted as in v1.
        append_prefix
            Whether names keep the prefix.

        Raises
        ------
        UserErrorException
            There are not as many `output_paths` as files.
        """
        del batch_size, timeout_seconds
        folder = prefix.rstrip("/") + "/" if prefix else ""
        names = [name for name in self.get_file_names() if name.startswith(folder)]
        if output_paths is not None and len(output_paths) != len(names):
            raise UserErrorException("{} output_paths are given for {} files.".format(len(output_paths), len(names)))
        for index, name in enumerate(names):
            kept = name if append_prefix or output_directory is None else name[len(folder) :]
            target = output_paths[index] if output_paths else os.path.join(output_directory or ".", kept)
            _copy(self._existing(name), target)

    def get_all_logs(self, destination: "str | None" = None) -> "list[str]":
        """Copy the logs into a folder, ``assets/<run id>`` where none is named; give their paths."""
        folder = destination or os.path.join("assets", self.id)
        targets = [os.path.join(folder, name) for name in self._log_names()]
        for name, target in zip(self._log_names(), targets):  # noqa: B905 - Python 3.6 has no strict=
            _copy(self._existing(name), target)
        return targets

    def get_details_with_logs(self) -> "dict[str, Any]":
        """Give `get_details` with the logs' texts in place of their addresses."""
        details = self.get_details()
        for name in details["logFiles"]:
            with open(self._existing(name), encoding="utf-8", errors="replace") as file:
                details["logFiles"][name] = file.read()
        return details

    def _log_names(self) -> "list[str]":
        return [name for name in self.get_file_names() if name.startswith(_LOGS)]

    def _existing(self, name: str) -> str:
        path = artifacts.locate(self._run_dir, name)
        if not os.path.isfile(path):
            names = ", ".join(self.get_file_names()) or "none yet"
            raise UserErrorException("The run has no file {!r}. It has: {}.".format(name, names))
        return path


def _copy(source: str, target: str) -> None:
    import shutil  # noqa: PLC0415 - a script that only logs does without

    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    shutil.copyfile(source, target)
