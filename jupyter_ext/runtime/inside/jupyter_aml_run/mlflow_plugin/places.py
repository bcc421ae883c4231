"""Where URIs lead: to a workspace, to a run directory, to the files of a run."""

import json
import os
from urllib.parse import quote, unquote, urlsplit

from ..metric_logger import child_dirs, read_asked

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterator

SCHEME = "jupyter-aml"
DEFAULT_ID, DEFAULT_NAME = "0", "Default"  # MLflow's, for whoever names no experiment
_ARTIFACTS = "artifacts"


def uri_of(path: str) -> str:
    """Give the URI of a workspace or of a run directory."""
    return "{}://{}".format(SCHEME, quote(os.path.abspath(path)))


def path_of(uri: str) -> str:
    """Give the folder that a URI leads to."""
    return os.path.normpath(unquote(urlsplit(uri).path) or "/")


def artifact_uri(run_dir: str, name: str = "") -> str:
    """Give the URI of a run's files, or of those under one name."""
    return "/".join(filter(None, (uri_of(run_dir), _ARTIFACTS, quote(name))))


def split_artifact_uri(uri: str) -> "tuple[str, str]":
    """Give the run directory that an artifact URI leads to, and the name within its files.

    Raises
    ------
    ValueError
        When it leads to no run.
    """
    parts = path_of(uri).split("/")
    for end in range(1, len(parts) + 1):
        folder = "/".join(parts[:end])
        if is_run(folder):
            rest = parts[end:]
            while len(rest) > 1 and rest[0] == "children":
                folder, rest = "/".join([folder] + rest[:2]), rest[2:]  # noqa: RUF005 - reads the same
            if rest[:1] == [_ARTIFACTS]:
                return folder, "/".join(rest[1:])
    raise ValueError("{} leads to no run's files".format(uri))


def experiment_id(name: str) -> str:
    """Give MLflow's id of an experiment: its name, which is unique."""
    return DEFAULT_ID if name == DEFAULT_NAME else name


def experiment_name(experiment: "Any") -> str:
    """Give the name of the experiment that has an id."""
    return DEFAULT_NAME if str(experiment) == DEFAULT_ID else str(experiment)


def is_run(folder: str) -> bool:
    """Tell whether a folder is a run directory."""
    return os.path.isfile(os.path.join(folder, "run.json"))


class Place:
    """What a tracking URI leads to: a workspace, or one run and what it has made.

    A container sees its own run alone.

    Parameters
    ----------
    root
        The workspace's folder, or the run directory.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.is_run = is_run(root)
        self._known: "dict[str, str]" = {}

    def runs(self) -> "Iterator[str]":
        """Give every run directory."""
        if self.is_run:
            yield from _with_children(self.root)
            return
        runs = os.path.join(self.root, "runs")
        for name in sorted(os.listdir(runs)) if os.path.isdir(runs) else ():
            folder = os.path.join(runs, name)
            if is_run(folder):
                yield from _with_children(folder)

    def find(self, run_id: str) -> "str | None":
        """Give the directory of a run, or None."""
        folder = self._known.get(run_id)
        if folder is None or not is_run(folder):
            folder = self._look_for(run_id)
            if folder is not None:
                self._known[run_id] = folder
        return folder

    def _look_for(self, run_id: str) -> "str | None":
        if not run_id or run_id != os.path.basename(run_id):
            return None
        folder = os.path.join(self.root, "runs", run_id)
        if not self.is_run and is_run(folder):
            return folder
        for run_dir in self.runs():
            # a container knows its run's folder by a name that is not the run's
            if os.path.basename(run_dir) == run_id or (
                run_dir == self.root and read_asked(run_dir)["run_id"] == run_id
            ):
                return run_dir
        return None

    def experiments(self) -> "Iterator[dict[str, Any]]":
        """Give what is written down of each experiment."""
        if self.is_run:
            asked = read_asked(self.root)
            yield {"name": asked["experiment"], "created": asked["created"]}
            return
        folder = os.path.join(self.root, "experiments")
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            record = self.experiment(name[: -len(".json")]) if name.endswith(".json") else None
            if record is not None:
                yield record

    def experiment(self, name: str) -> "dict[str, Any] | None":
        """Give what is written down of one experiment, or None."""
        if self.is_run:
            return next((one for one in self.experiments() if one["name"] == name), None)
        try:
            with open(self.experiment_file(name), encoding="utf-8") as file:
                record: "dict[str, Any]" = json.load(file)
        except (OSError, ValueError):
            return None
        return record

    def experiment_file(self, name: str) -> str:
        """Give the file in which an experiment is written down."""
        return os.path.join(self.root, "experiments", name + ".json")


def _with_children(run_dir: str) -> "Iterator[str]":
    yield run_dir
    for child in child_dirs(run_dir):
        yield from _with_children(child)
