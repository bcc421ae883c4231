"""A run's files, and the names under which they are kept."""

import os
import posixpath

from .exceptions import ArtifactException, UserErrorException

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Iterator

LIVE_FOLDERS = ("outputs", "logs")
OWN_FOLDERS = ("user_logs", "system_logs")

UPLOADING = ".uploading"
_PIECE = 1 << 20


def check_name(name: "Any") -> str:
    """Bring an artifact's name into its one form.

    Parameters
    ----------
    name
        A relative path, with ``/`` between folders.

    Raises
    ------
    ArtifactException
        When it is empty, absolute, or leads out of the run.
    """
    text = os.fspath(name) if isinstance(name, (str, os.PathLike)) else str(name)
    normal = posixpath.normpath(text) if text else "."
    if normal == "." or posixpath.isabs(normal) or normal.split("/", 1)[0] == ".." or "\0" in normal:
        raise ArtifactException(
            "{!r} cannot name a file of a run; use a relative path, such as 'plots/loss.png'.".format(text)
        )
    return normal


def locate(run_dir: str, name: "Any") -> str:
    """Tell where a run keeps the file of a name.

    Parameters
    ----------
    run_dir
        The run directory.
    name
        The artifact's name; names in outputs/, logs/, user_logs/ and system_logs/ are those folders' files.

    Raises
    ------
    ArtifactException
        When the name leads out of the run.
    """
    normal = check_name(name)
    if normal.split("/", 1)[0] in LIVE_FOLDERS + OWN_FOLDERS:
        return os.path.join(run_dir, normal)
    return os.path.join(run_dir, "artifacts", normal)


def file_names(run_dir: str) -> "list[str]":
    """List the names of all files of a run, sorted.

    Parameters
    ----------
    run_dir
        The run directory.
    """
    names = []
    for folder in LIVE_FOLDERS + OWN_FOLDERS:
        names += [posixpath.join(folder, name) for name in walk(os.path.join(run_dir, folder))]
    names += [name for name in walk(os.path.join(run_dir, "artifacts")) if not name.startswith(UPLOADING)]
    return sorted(names)


def walk(folder: str) -> "Iterator[str]":
    """List the files below a folder, as relative names with ``/`` between folders.

    Parameters
    ----------
    folder
        The folder; one that is not there has no files.
    """
    for parent, folders, names in os.walk(folder):
        folders.sort()
        below = os.path.relpath(parent, folder).replace(os.sep, "/")
        for name in sorted(names):
            yield name if below == "." else posixpath.join(below, name)


class Uploaded:
    """Files that a run was given, as v1 tells about them.

    Attributes
    ----------
    artifacts
        For each name where it is kept: ``artifactId``, ``origin``, ``container`` and ``path``.
    """

    def __init__(self, run_id: str, names: "list[str]") -> None:
        container = "dcid.{}".format(run_id)
        self.artifacts = {
            name: {
                "artifactId": "ExperimentRun/{}/{}".format(container, name),
                "origin": "ExperimentRun",
                "container": container,
                "path": name,
            }
            for name in names
        }

    def serialize(self) -> "dict[str, Any]":
        """Give the same as a dictionary."""
        return {"artifacts": self.artifacts}


def store(run_dir: str, name: "Any", source: "str | BinaryIO | Any", replace: bool = False) -> str:
    """Keep a file under a name, whole or not at all.

    Parameters
    ----------
    run_dir
        The run directory.
    name
        The artifact's name.
    source
        A path, or an object with ``read()``.
    replace
        Whether a file that has the name gives way.

    Returns
    -------
    str
        The name in its one form.

    Raises
    ------
    ArtifactException
        When the name is taken, is the run's own, or leads out of the run.
    UserErrorException
        When there is no such file.
    """
    normal = check_name(name)
    check_free(run_dir, normal, source, replace)
    target = locate(run_dir, normal)
    if _is_same(source, target):
        return normal
    _check_inside(run_dir, normal, os.path.dirname(target))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    folder = os.path.join(run_dir, "artifacts", UPLOADING)
    os.makedirs(folder, exist_ok=True)
    part = os.path.join(folder, "{}-{}".format(os.getpid(), os.urandom(4).hex()))
    try:
        _copy(source, part)
        if replace:
            os.replace(part, target)
        else:
            _publish(part, target, normal)
    finally:
        if os.path.lexists(part):
            os.unlink(part)
    return normal


def check_free(run_dir: str, normal: str, source: "Any", replace: bool = False) -> None:
    """Refuse a name that is taken, and a source that is no file.

    Parameters
    ----------
    run_dir
        The run directory.
    normal
        The artifact's name in its one form.
    source
        A path, or an object with ``read()``.
    replace
        Whether a file that has the name gives way.

    Raises
    ------
    ArtifactException
        When the name is taken or is the run's own.
    UserErrorException
        When there is no such file.
    """
    if normal.split("/", 1)[0] in (*OWN_FOLDERS, UPLOADING):
        raise ArtifactException("{!r} is where the run keeps its own files; use another name.".format(normal))
    if not hasattr(source, "read"):
        if os.path.isdir(source):
            raise UserErrorException("{!r} is a folder; use upload_folder().".format(source))
        if not os.path.exists(source):
            raise UserErrorException("There is no file {!r} to upload (in {}).".format(source, os.getcwd()))
    target = locate(run_dir, normal)
    if not replace and os.path.lexists(target) and not _is_same(source, target):
        raise _taken(normal)


def _taken(normal: str) -> ArtifactException:
    return ArtifactException(
        "The run already has a file named {!r}, and those never change; use another name.".format(normal)
    )


def _is_same(source: "Any", target: str) -> bool:
    """Tell whether a script uploads what it has just written to ./outputs or ./logs, which is there already."""
    if hasattr(source, "read"):
        return False
    try:
        return os.path.samefile(source, target)
    except OSError:
        return False


def _check_inside(run_dir: str, normal: str, folder: str) -> None:
    """Refuse a name that a symbolic link leads out of the run."""
    root = os.path.realpath(run_dir)
    if os.path.commonpath([root, os.path.realpath(folder)]) != root:
        raise ArtifactException("{!r} leads out of the run through a link; use another name.".format(normal))


def _copy(source: "Any", path: str) -> None:
    if not hasattr(source, "read"):
        with open(source, "rb") as file:
            _copy(file, path)
        return
    with open(path, "wb") as target:
        while True:
            piece = source.read(_PIECE)
            if not piece:
                return
            target.write(piece.encode() if isinstance(piece, str) else piece)


def _publish(part: str, target: str, normal: str) -> None:
    """Give a complete file its name, unless another process has been faster."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise _taken(normal) from None
    except OSError:  # a file system without links
        os.replace(part, target)
