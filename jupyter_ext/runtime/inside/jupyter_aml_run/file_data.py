"""A file dataset that was not brought to a path of its own: its files, to be copied or mounted by the script."""

import os
import shutil

from .exceptions import UserErrorException
from .expressions import Expression, column, evaluate
from .frames import choose
from .nearest import did_you_mean
from .steps import Steps

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Callable


class FileData(Steps):
    """Files of this machine under names.

    Parameters
    ----------
    definition
        ``id``, ``name`` and ``version`` of the dataset.
    files
        Pairs: a file's path within the dataset, and its path on this machine.
    """

    def __init__(self, definition: "dict[str, Any]", files: "list[tuple[str, str]]") -> None:
        self._given = definition
        self._files = files
        self.id = definition.get("id")
        self.name = definition.get("name")
        self.version = definition.get("version")

    def _with(self, *step: "Any") -> "FileData":
        facts = [{"Size": os.path.getsize(path), "LastModifiedTime": os.path.getmtime(path)} for _, path in self._files]
        kept = [self._files[index] for index in kept_files(list(step), facts)]
        return FileData({}, kept)

    def file_metadata(self, col: str) -> Expression:
        """Name something that is known of a file: ``Size`` or ``LastModifiedTime``."""
        return column(col)

    def to_path(self) -> "list[str]":
        """List the files, as paths within the dataset."""
        return ["/" + name for name, _ in self._files]

    def download(
        self, target_path: "str | None" = None, overwrite: bool = False, ignore_not_found: bool = False
    ) -> "list[str]":
        """Copy the files into a folder; a new one where none is named.

        Parameters
        ----------
        target_path
            The folder.
        overwrite
            Write over what is there.
        ignore_not_found
            Accepted as in v1: what a run is given is there.
        """
        del ignore_not_found
        folder = target_path or _new_folder()
        return [_copied(path, os.path.join(folder, name), overwrite) for name, path in self._files]

    def mount(self, mount_point: "str | None" = None, **kwargs: "Any") -> "Mount":
        """Give the files under a folder, in a ``with``."""
        del kwargs
        return Mount(mount_point, self._link)

    def _link(self, folder: str) -> None:
        for name, path in self._files:
            target = os.path.join(folder, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.symlink(os.path.abspath(path), target)


class Mount:
    """Files under a folder for as long as it is wanted; v1's mount context.

    Parameters
    ----------
    mount_point
        The folder, which is empty or not there; None makes one.
    fill
        Puts the files into it.
    """

    def __init__(self, mount_point: "str | None", fill: "Callable[[str], None]") -> None:
        self._was_there = mount_point is not None and os.path.isdir(mount_point)
        self._fill = fill
        self._made = False
        self.mount_point = os.path.abspath(mount_point) if mount_point else _new_folder()

    def start(self) -> None:
        """Put the files there."""
        if self._made:
            return
        if os.path.isdir(self.mount_point) and os.listdir(self.mount_point):
            raise UserErrorException("{} is not empty: mount into an empty folder.".format(self.mount_point))
        os.makedirs(self.mount_point, exist_ok=True)
        self._made = True
        self._fill(self.mount_point)

    def stop(self) -> None:
        """Take them away; what they lead to stays, and so does whatever else was put there meanwhile."""
        if not self._made:
            return
        self._made = False
        for top, folders, files in os.walk(self.mount_point, topdown=False):
            for path in (os.path.join(top, name) for name in files + folders):
                if os.path.islink(path):
                    os.unlink(path)
                elif os.path.isdir(path) and not os.listdir(path):
                    os.rmdir(path)
        if not self._was_there and not os.listdir(self.mount_point):
            os.rmdir(self.mount_point)

    def __enter__(self) -> "Mount":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


def kept_files(step: "list[Any]", facts: "list[dict[str, Any]]") -> "list[int]":
    """Give the indexes of the files that remain after a step.

    Parameters
    ----------
    step
        A step of a file dataset.
    facts
        What is known of each file.
    """
    if step[0] != "filter":
        return choose(len(facts), step)
    return [index for index, fact in enumerate(facts) if evaluate(step[1], lambda name: _fact(fact, name))]  # noqa: B023 - evaluated at once


def _fact(facts: "dict[str, Any]", name: str) -> "Any":
    if name not in facts:
        known = ", ".join(sorted(facts))
        raise UserErrorException(
            "{!r} is not known of files; known are {}.{}".format(name, known, did_you_mean(name, facts))
        )
    value = facts[name]
    if name.endswith("Time") and value is not None:
        import datetime as dt  # noqa: PLC0415 - seldom needed

        return dt.datetime(1970, 1, 1) + dt.timedelta(seconds=value)  # noqa: DTZ001 - v1's have no zone
    return value


def _copied(source: str, target: str, overwrite: bool) -> str:
    if os.path.exists(target) and not overwrite:
        raise UserErrorException("{} is there already: pass overwrite=True to write over it.".format(target))
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    shutil.copyfile(source, target)
    return target


def _new_folder() -> str:
    import tempfile  # noqa: PLC0415 - seldom needed

    return tempfile.mkdtemp(prefix="aml-data-")
