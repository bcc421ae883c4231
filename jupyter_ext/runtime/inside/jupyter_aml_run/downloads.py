"""A run's files, brought by a script to where it wants them."""

import os

from . import artifacts
from .exceptions import UserErrorException
from .facts import RunFacts
from .nearest import did_you_mean

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

_LOGS = ("user_logs/", "system_logs/", "logs/")


def log_names(names: "list[str]") -> "list[str]":
    """Give those of a run's files that are logs."""
    return [name for name in names if name.startswith(_LOGS)]


def target_of(name: str, output_file_path: "str | None") -> str:
    """Give where `download_file` puts a file."""
    base = os.path.basename(name)
    target = output_file_path or base
    return os.path.join(target, base) if os.path.isdir(target) or target.endswith("/") else target


def targets_of(
    names: "list[str]",
    prefix: "str | None",
    output_directory: "str | None",
    output_paths: "list[str] | None",
    append_prefix: bool,
) -> "list[tuple[str, str]]":
    """Give which of a run's files `download_files` copies, each with where it goes.

    Raises
    ------
    UserErrorException
        There are not as many `output_paths` as files.
    """
    folder = prefix.rstrip("/") + "/" if prefix else ""
    names = [name for name in names if name.startswith(folder)]
    if output_paths is None:
        begin = 0 if append_prefix or output_directory is None else len(folder)
        return [(name, os.path.join(output_directory or ".", name[begin:])) for name in names]
    if len(output_paths) != len(names):
        raise UserErrorException("{} output_paths are given for {} files.".format(len(output_paths), len(names)))
    return list(zip(names, output_paths))  # noqa: B905 - Python 3.6 has no strict=


def copy(source: str, target: str) -> None:
    """Copy a file into a folder, which is made where it is missing."""
    import shutil  # noqa: PLC0415 - a script that only logs does without

    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    shutil.copyfile(source, target)


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
        copy(self._existing(name), target_of(name, output_file_path))

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
        for name, target in targets_of(self.get_file_names(), prefix, output_directory, output_paths, append_prefix):
            copy(self._existing(name), target)

    def get_all_logs(self, destination: "str | None" = None) -> "list[str]":
        """Copy the logs into a folder, ``assets/<run id>`` where none is named; give their paths."""
        folder = destination or os.path.join("assets", self.id)
        names = self._log_names()
        for name in names:
            copy(self._existing(name), os.path.join(folder, name))
        return [os.path.join(folder, name) for name in names]

    def get_details_with_logs(self) -> "dict[str, Any]":
        """Give `get_details` with the logs' texts in place of their addresses."""
        details = self.get_details()
        for name in details["logFiles"]:
            with open(self._existing(name), encoding="utf-8", errors="replace") as file:
                details["logFiles"][name] = file.read()
        return details

    def _log_names(self) -> "list[str]":
        return log_names(self.get_file_names())

    def _existing(self, name: str) -> str:
        path = artifacts.locate(self._run_dir, name)
        if not os.path.isfile(path):
            names = self.get_file_names()
            raise UserErrorException(
                "The run has no file {!r}. It has: {}.{}".format(
                    name, ", ".join(names) or "none yet", did_you_mean(name, names)
                )
            )
        return path
