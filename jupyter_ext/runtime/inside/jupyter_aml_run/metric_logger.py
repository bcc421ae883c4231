"""What a script logs: values, lists, rows, tables, images and JSON metrics, under v1's names."""

import io
import json
import os
import time

from . import artifacts, images
from .exceptions import AzureMLException, UserErrorException
from .json_metrics import check
from .metrics import metric_values
from .metrics_file import MetricsFile
from .records import plain, read_records

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterable

_ADDRESS = "aml://artifactId/ExperimentRun/dcid."
_LISTS = frozenset((list, range, type(_ for _ in ())))


class MetricLogger:
    """Logs metrics into one run directory.

    Parameters
    ----------
    run_dir
        The run directory.
    rank
        The rank that logs, where the run has several.
    """

    def __init__(self, run_dir: str, rank: "int | None" = None) -> None:
        self._run_dir = run_dir
        self._metrics = MetricsFile(os.path.join(run_dir, "metrics.jsonl"), rank)

    def log(self, name: str, value: "Any", description: str = "", step: "int | None" = None) -> None:
        """Log one value of a metric; logged again, it becomes a series.

        Parameters
        ----------
        name
            The metric's name.
        value
            A number, text, truth value or None; numpy's and torch's scalars too. Other objects become text.
        description
            What it is about.
        step
            The place on the x axis.

        Raises
        ------
        UserErrorException
            When the value is a list, a range or a generator, as in v1.
        """
        if type(value) in _LISTS:
            raise UserErrorException("log() takes one value; use log_list({!r}, ...) for several.".format(name))
        self._metrics.scalar(name, value, description, step)

    def log_list(self, name: str, value: "Iterable[Any]", description: str = "") -> None:
        """Log several values of a metric at once; nothing, when there are none.

        Parameters
        ----------
        name
            The metric's name.
        value
            A list, a tuple, a generator, or an array of one dimension.
        description
            What it is about.

        Raises
        ------
        UserErrorException
            When the value is no list.
        AzureMLException
            When there is a list inside the list.
        """
        values = _cells(name, value)
        if values:
            self._metrics.other(name, "list", values, description)

    def log_row(self, name: str, description: "str | None" = None, **kwargs: "Any") -> None:
        """Log one row of a table.

        Parameters
        ----------
        name
            The metric's name.
        description
            What it is about.
        **kwargs
            The row's value for each column.

        Raises
        ------
        AzureMLException
            When a value is a list.
        """
        if kwargs:
            row = {column: plain(value) for column, value in kwargs.items()}
            self._metrics.other(name, "row", row, description or "")

    def log_table(self, name: str, value: "dict[str, Any]", description: str = "") -> None:
        """Log several rows of a table at once.

        Parameters
        ----------
        name
            The metric's name.
        value
            A list of values for each column, all of one length.
        description
            What it is about.

        Raises
        ------
        UserErrorException
            When the value is no dictionary.
        AzureMLException
            When the columns have different lengths, or a cell is a list.
        """
        if not isinstance(value, dict):
            raise UserErrorException("log_table({!r}) takes a dictionary of columns.".format(name))
        table = {
            str(column): _cells(name, cells) if _is_list(cells) else [plain(cells)] for column, cells in value.items()
        }
        if len(set(map(len, table.values()))) > 1:
            raise AzureMLException(
                "The columns of table {!r} have different lengths: {}.".format(
                    name, ", ".join("{} {}".format(column, len(cells)) for column, cells in table.items())
                )
            )
        if any(table.values()):
            self._metrics.other(name, "table", table, description)

    def log_image(self, name: str, path: "str | None" = None, plot: "Any" = None, description: str = "") -> None:
        """Log an image file, or a figure.

        Parameters
        ----------
        name
            The metric's name.
        path
            The image file, which is kept under that same path.
        plot
            A matplotlib figure, or ``matplotlib.pyplot``, which is kept as ``<name>_<unix seconds>.png``.
        description
            What it is about.

        Raises
        ------
        UserErrorException
            When not exactly one of `path` and `plot` is given, or the file is no image.
        """
        if (path is None) == (plot is None):
            raise UserErrorException("log_image({!r}) takes either a path or a plot.".format(name))
        if path is not None:
            images.check(path)
            artifact = artifacts.store(self._run_dir, images.name_of(path), path)
        else:
            artifact = artifacts.store(self._run_dir, self._free_name(name), images.draw(plot))
        self._metrics.other(name, "image", artifact, description)

    def _free_name(self, name: str) -> str:
        base = "{}_{}".format(name, int(time.time()))
        taken = 0
        while True:
            candidate = "{}{}.png".format(base, "_{}".format(taken) if taken else "")
            if not os.path.lexists(artifacts.locate(self._run_dir, candidate)):
                return candidate
            taken += 1

    def log_confusion_matrix(self, name: str, value: "Any", description: str = "") -> None:
        """Log a confusion matrix, as a dictionary or JSON text in v1's schema; `name` is also its file's."""
        self._log_json(name, "confusion_matrix", value, description)

    def log_accuracy_table(self, name: str, value: "Any", description: str = "") -> None:
        """Log an accuracy table, as a dictionary or JSON text in v1's schema; `name` is also its file's."""
        self._log_json(name, "accuracy_table", value, description)

    def log_residuals(self, name: str, value: "Any", description: str = "") -> None:
        """Log residuals, as a dictionary or JSON text in v1's schema; `name` is also its file's."""
        self._log_json(name, "residuals", value, description)

    def log_predictions(self, name: str, value: "Any", description: str = "") -> None:
        """Log predictions, as a dictionary or JSON text in v1's schema; `name` is also its file's."""
        self._log_json(name, "predictions", value, description)

    def _log_json(self, name: str, kind: str, value: "Any", description: str) -> None:
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise UserErrorException("log_{}({!r}): not JSON: {}.".format(kind, name, error)) from None
        text = json.dumps(value, default=_plain_json)
        check(kind, name, json.loads(text))
        artifact = artifacts.store(self._run_dir, name, io.StringIO(text))
        self._metrics.other(name, kind, artifact, description)

    def get_metrics(
        self,
        name: "str | None" = None,
        recursive: bool = False,
        run_type: "str | None" = None,
        populate: bool = False,
    ) -> "dict[str, Any]":
        """Give the metrics that were logged, in v1's shapes.

        Parameters
        ----------
        name
            The one metric that is wanted, or None for all.
        recursive
            Whether to give those of the run and its children, by run id, without the runs that have none.
        run_type
            Only runs of this type, when `recursive`.
        populate
            Whether to give an image or JSON metric's content, as bytes, instead of its address.
        """
        if recursive:
            return self._metrics_below(self._run_dir, name, run_type, populate)
        values = self._values(self._run_dir, name)
        return self._populated(self._run_dir, values) if populate else values

    def _values(self, run_dir: str, name: "str | None") -> "dict[str, Any]":
        asked = read_asked(run_dir)
        path = os.path.join(run_dir, "metrics.jsonl")
        return metric_values(read_records(path), asked.get("run_id", ""), name)

    def _metrics_below(
        self, run_dir: str, name: "str | None", run_type: "str | None", populate: bool
    ) -> "dict[str, Any]":
        asked = read_asked(run_dir)
        result: "dict[str, Any]" = {}
        if run_type is None or asked.get("type") == run_type:
            values = self._values(run_dir, name)
            if values:
                result[asked["run_id"]] = self._populated(run_dir, values) if populate else values
        for child in child_dirs(run_dir):
            result.update(self._metrics_below(child, name, run_type, populate))
        return result

    def _populated(self, run_dir: str, values: "dict[str, Any]") -> "dict[str, Any]":
        return {name: _content(run_dir, value) for name, value in values.items()}

    def flush(self, timeout_seconds: float = 300) -> None:
        """Write what a full disk has held back; everything else is written when its call returns.

        Parameters
        ----------
        timeout_seconds
            How long to try.

        Raises
        ------
        AzureMLException
            When there is still no room.
        """
        limit = time.monotonic() + timeout_seconds
        while not self._metrics.flush():
            if time.monotonic() >= limit:
                raise AzureMLException("The run's metrics cannot be written; is the disk full?")
            time.sleep(0.1)


def read_asked(run_dir: str) -> "dict[str, Any]":
    """Read a run's run.json: what was asked for.

    Parameters
    ----------
    run_dir
        The run directory.
    """
    with open(os.path.join(run_dir, "run.json"), encoding="utf-8") as file:
        asked: "dict[str, Any]" = json.load(file)
    return asked


def child_dirs(run_dir: str) -> "list[str]":
    """List the directories of the child runs that a script has made.

    Parameters
    ----------
    run_dir
        The run directory.
    """
    folder = os.path.join(run_dir, "children")
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    return [os.path.join(folder, name) for name in names if os.path.exists(os.path.join(folder, name, "run.json"))]


def _is_list(value: "Any") -> bool:
    return not isinstance(value, (str, bytes, dict)) and hasattr(value, "__iter__") and getattr(value, "ndim", 1) > 0


def _cells(name: str, value: "Any") -> "list[Any]":
    if not _is_list(value):
        raise UserErrorException("{!r} takes a list of values, not {!r}; use log() for one.".format(name, value))
    to_list = getattr(value, "tolist", None)  # of arrays and tensors
    return [plain(item) for item in (to_list() if to_list is not None else value)]


def _plain_json(value: "Any") -> "Any":
    for method in ("tolist", "item"):
        if hasattr(value, method):
            return getattr(value, method)()
    return str(value)


def _content(run_dir: str, value: "Any") -> "Any":
    """Give the bytes of an artifact's address, and any other value as it is."""
    if isinstance(value, list):
        return [_content(run_dir, item) for item in value]
    if not isinstance(value, str) or not value.startswith(_ADDRESS):
        return value
    with open(artifacts.locate(run_dir, value[len(_ADDRESS) :].split("/", 1)[1]), "rb") as file:
        return file.read()
