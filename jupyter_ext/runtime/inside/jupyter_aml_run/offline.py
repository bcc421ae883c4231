"""The run that a script gets outside a run: it prints what it is asked to log, with v1's words."""

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any

# v1 prints too: that is all that this run does
# ruff: noqa: T201, ARG002


class OfflineRun:
    """Stands in for a run, so that a script that logs can be tried without submitting it.

    It has what v1's has, and no more: ``log()`` takes no step, and there are no metrics to read.

    Parameters
    ----------
    run_id
        Its id; None makes ``OfflineRun_<uuid>``.
    """

    DELIM = "#"

    def __init__(self, run_id: "str | None" = None) -> None:
        import uuid  # noqa: PLC0415 - a script inside a run does without

        self._run_id = run_id or "OfflineRun_{}".format(uuid.uuid4())

    def __repr__(self) -> str:
        return "OfflineRun(Id: {})".format(self._run_id)

    @property
    def id(self) -> str:
        """The run's id."""
        return self._run_id

    @property
    def identity(self) -> str:
        """The name by which v1's log lines call the object."""
        return self.DELIM.join((type(self).__name__, self._run_id))

    def log(self, name: str, value: "Any", description: str = "") -> None:
        """Print a value."""
        _print_metric("scalar", name, value)

    def log_list(self, name: str, value: "Any", description: str = "") -> None:
        """Print a list."""
        _print_metric("list", name, value)

    def log_row(self, name: str, description: str = "", **kwargs: "Any") -> None:
        """Print a row."""
        _print_metric("row", name, kwargs)

    def log_table(self, name: str, value: "Any", description: str = "") -> None:
        """Print a table."""
        _print_metric("table", name, value)

    def log_image(self, name: str, path: "Any" = None, plot: "Any" = None, description: str = "") -> None:
        """Print what image would be logged."""
        _print_metric("image", name, path if path is not None else plot)

    def log_confusion_matrix(self, name: str, value: "Any", description: str = "") -> None:
        """Print a confusion matrix."""
        _print_metric("confusion matrix", name, value)

    def log_accuracy_table(self, name: str, value: "Any", description: str = "") -> None:
        """Print an accuracy table."""
        _print_metric("accuracy table", name, value)

    def log_residuals(self, name: str, value: "Any", description: str = "") -> None:
        """Print residuals."""
        _print_metric("residuals", name, value)

    def log_predictions(self, name: str, value: "Any", description: str = "") -> None:
        """Print predictions."""
        _print_metric("predictions", name, value)

    def tag(self, key: str, value: "Any" = None) -> None:
        """Print a tag."""
        print("Attempted to add tag {} with value {}".format(key, value))

    def set_tags(self, tags: "dict[str, Any]") -> None:
        """Print tags."""
        print("Attempted to set tags {}".format(tags))

    def add_properties(self, properties: "dict[str, Any]") -> None:
        """Print properties."""
        print("Attempted to add properties {}".format(properties))

    def upload_file(self, name: str, path_or_stream: "Any", datastore_name: "str | None" = None) -> None:
        """Print what file would be kept."""
        print("Attempted to track file {} at {}".format(name, path_or_stream))

    def upload_files(
        self,
        names: "list[str]",
        paths: "list[str]",
        return_artifacts: bool = False,
        timeout_seconds: "int | None" = None,
        datastore_name: "str | None" = None,
    ) -> None:
        """Print what files would be kept."""
        print("Attempted to track files {} at {}".format(names, paths))

    def upload_folder(self, name: str, path: str, datastore_name: "str | None" = None) -> None:
        """Print what folder would be kept."""
        print("Attempted to track folder {} at {}".format(name, path))

    def complete(self) -> None:
        """Do nothing: there is no run that could end."""

    def fail(self, error_details: "Any" = None, error_code: "str | None" = None) -> None:
        """Print the error."""
        print("Run failed with error code {}:\n{}".format(error_code, error_details))

    def cancel(self) -> None:
        """Do nothing: there is no run that could end."""

    def flush(self, timeout_seconds: float = 300) -> None:
        """Print that everything would be written now."""
        print("Attempted to flush run with id {}".format(self._run_id))

    def child_run(self, name: "str | None" = None, run_id: "str | None" = None, outputs: "Any" = None) -> "OfflineRun":
        """Give another offline run."""
        return OfflineRun(run_id)

    def __enter__(self) -> "OfflineRun":
        print("[START] Run {} context".format(self._run_id))
        return self

    def __exit__(self, *exception: object) -> None:
        print("[STOP] Run {} context".format(self._run_id))


def _print_metric(kind: str, name: str, value: "Any") -> None:
    print("Attempted to log {} metric {}:\n{}".format(kind, name, value))
