"""What a run and its owner write into its directory: metrics, tags, properties and files."""

import os
import posixpath

from . import artifacts
from .events import append_event, read_state
from .exceptions import UserErrorException
from .metric_logger import MetricLogger, read_asked

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, BinaryIO


class RunLogger(MetricLogger):
    """Logs metrics, tags, properties and files into one run directory.

    A script's Run and the notebook's share it.

    Parameters
    ----------
    run_dir
        The run directory.
    rank
        The rank that logs, where the run has several.
    """

    def __init__(self, run_dir: str, rank: "int | None" = None) -> None:
        super().__init__(run_dir, rank)
        self._asked_for: "dict[str, Any] | None" = None

    def tag(self, key: str, value: "Any" = None) -> None:
        """Set one tag; a value that is no text becomes text, as in v1."""
        self.set_tags({key: value})

    def set_tags(self, tags: "dict[str, Any]") -> None:
        """Set tags; the others stay."""
        append_event(self._run_dir, tags=_texts(tags, "tag"))

    def get_tags(self) -> "dict[str, Any]":
        """Give the tags as they are now."""
        tags: "dict[str, Any]" = self._state()["tags"]
        return tags

    def remove_tags(self, tags: "list[str] | str") -> None:
        """Remove tags by their names; one that is not there is no error."""
        append_event(self._run_dir, removed_tags=[tags] if isinstance(tags, str) else list(tags))

    def add_properties(self, properties: "dict[str, Any]") -> None:
        """Add properties, which never change.

        Raises
        ------
        UserErrorException
            When the run has one of them already.
        """
        known = self.get_properties()
        for key in properties:
            if key in known:
                raise UserErrorException(
                    "The run's property {!r} is {!r}, and properties never change; use a tag.".format(key, known[key])
                )
        append_event(self._run_dir, properties=_texts(properties, "property"))

    def get_properties(self) -> "dict[str, Any]":
        """Give the properties as they are now."""
        properties: "dict[str, Any]" = self._state()["properties"]
        return properties

    def _asked(self) -> "dict[str, Any]":
        if self._asked_for is None:
            self._asked_for = read_asked(self._run_dir)
        return self._asked_for

    def _state(self) -> "dict[str, Any]":
        return read_state(self._run_dir, self._asked())

    def upload_file(
        self, name: str, path_or_stream: "str | BinaryIO", datastore_name: "str | None" = None
    ) -> "artifacts.Uploaded":
        """Keep a file with the run, under a name that never changes.

        Parameters
        ----------
        name
            The name, a relative path.
        path_or_stream
            The file's path, or an object with ``read()``.
        datastore_name
            Must be None: a run's files are kept with the run.

        Returns
        -------
        Uploaded
            Where it is kept: ``serialize()`` gives v1's dictionary.

        Raises
        ------
        ArtifactException
            When the name is taken, or leads out of the run.
        UserErrorException
            When there is no such file.
        """
        _refuse_datastore(datastore_name)
        return artifacts.Uploaded(self._asked()["run_id"], [artifacts.store(self._run_dir, name, path_or_stream)])

    def upload_files(
        self,
        names: "list[str]",
        paths: "list[str]",
        return_artifacts: bool = False,
        timeout_seconds: "int | None" = None,
        datastore_name: "str | None" = None,
    ) -> "dict[str, str] | None":
        """Keep several files with the run; nothing is kept when one of the names is taken.

        Parameters
        ----------
        names
            Their names.
        paths
            Their paths, one for each name.
        return_artifacts
            Whether to return where each name is kept.
        timeout_seconds
            Accepted as in v1; files are copied at once.
        datastore_name
            Must be None: a run's files are kept with the run.

        Raises
        ------
        TypeError
            When there are not as many paths as names.
        """
        del timeout_seconds
        _refuse_datastore(datastore_name)
        names, paths = list(names), list(paths)
        if len(names) != len(paths):
            raise TypeError("upload_files() got {} names and {} paths.".format(len(names), len(paths)))
        pairs = list(zip(names, paths))  # noqa: B905 - Python 3.6 has no strict=
        for name, path in pairs:
            artifacts.check_free(self._run_dir, artifacts.check_name(name), path)
        kept = [artifacts.store(self._run_dir, name, path) for name, path in pairs]
        return {name: artifacts.locate(self._run_dir, name) for name in kept} if return_artifacts else None

    def upload_folder(self, name: str, path: str, datastore_name: "str | None" = None) -> "artifacts.Uploaded":
        """Keep all files of a folder with the run.

        Parameters
        ----------
        name
            What their names begin with.
        path
            The folder.
        datastore_name
            Must be None: a run's files are kept with the run.

        Raises
        ------
        UserErrorException
            When there is no such folder.
        """
        if not os.path.isdir(path):
            raise UserErrorException("There is no folder {!r} to upload (in {}).".format(path, os.getcwd()))
        below = list(artifacts.walk(path))
        names = [posixpath.join(name, item) for item in below]
        self.upload_files(names, [os.path.join(path, item) for item in below], datastore_name=datastore_name)
        return artifacts.Uploaded(self._asked()["run_id"], names)

    def get_file_names(self) -> "list[str]":
        """List the run's files: outputs, logs, and what was uploaded."""
        return artifacts.file_names(self._run_dir)


def _texts(values: "dict[str, Any]", what: str) -> "dict[str, Any]":
    """Turn tags' or properties' values into text, as v1 does."""
    if not isinstance(values, dict):
        raise UserErrorException("A dictionary of {} names and values is needed.".format(what))
    return {str(key): value if value is None else str(value) for key, value in values.items()}


def _refuse_datastore(datastore_name: "str | None") -> None:
    if datastore_name is not None:
        raise UserErrorException("datastore_name: a run's files are kept with the run; leave it out.")
