"""The Run that a script works with: its own, its parent, and the children that it makes."""

import os
import time

from .children import make_child, tags_of_children
from .downloads import RunDownloads
from .events import TERMINAL, append_event
from .exceptions import ActivityFailedException, UserErrorException
from .filters import fits
from .metric_logger import child_dirs, read_asked
from .place import RunElsewhere

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterator, NoReturn

    from .models import Model

_NOTEBOOK_ONLY = frozenset(
    (
        "submit_child",
        "take_snapshot",
        "restore_snapshot",
        "clean",
    )
)


class Run(RunDownloads):
    """A run, seen from inside it; ``Run.get_context()`` gives the script's own.

    As in v1, ``complete``, ``fail`` and ``cancel`` leave the status of the script's own run alone: that
    follows from how the script ends.

    Parameters
    ----------
    run_dir
        The run directory.
    rank
        The rank that logs, where the run has several.
    """

    def __init__(self, run_dir: str, rank: "int | None" = None) -> None:
        super().__init__(run_dir, rank)
        self._rank = rank
        self._asked()  # a directory that is no run's is refused here

    @classmethod
    def get_context(cls, allow_offline: bool = True, used_for_context_manager: bool = False, **kwargs: "Any") -> "Any":
        """Give the run that this script is, the same object each time.

        Parameters
        ----------
        allow_offline
            Whether an object that only prints may stand in, outside a run.
        used_for_context_manager
            Accepted as in v1.
        **kwargs
            Accepted as in v1.

        Raises
        ------
        RunEnvironmentException
            Outside a run, without `allow_offline`.
        """
        from .context import get_context  # noqa: PLC0415 - it imports this module

        del used_for_context_manager, kwargs
        return get_context(allow_offline)

    def __getattr__(self, name: str) -> "NoReturn":
        if name in _NOTEBOOK_ONLY:
            raise AttributeError(
                "Run.{}() is not available inside the run; call it in the notebook, on the same run.".format(name)
            )
        raise AttributeError("{!r} object has no attribute {!r}".format(type(self).__name__, name))

    @property
    def parent(self) -> "Run | RunElsewhere | None":
        """The parent run, or None."""
        parent = self._asked().get("parent")
        if not parent:
            return None
        folder = os.path.dirname(os.path.abspath(self._run_dir))
        for candidate in (os.path.dirname(folder), os.path.join(folder, parent)):  # made here, or submitted
            try:
                found = read_asked(candidate).get("run_id") == parent
            except (OSError, ValueError):
                continue
            if found:
                return Run(candidate, self._rank)
        return RunElsewhere(parent)

    @classmethod
    def get_submitted_run(cls, **kwargs: "Any") -> "Any":
        """Give what `get_context` gives, by which v1 replaced it."""
        return cls.get_context(**kwargs)

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> "dict[str, Any]":
        """Wait for the end of a run that this script has made, and give `get_details`.

        Parameters
        ----------
        show_output, wait_post_processing
            Accepted as in v1: such a run has no log of its own.
        raise_on_error
            Whether a run that has failed is an error.

        Raises
        ------
        UserErrorException
            When it is the script's own run, which cannot end before the script.
        ActivityFailedException
            When it has failed.
        """
        del show_output, wait_post_processing
        if os.path.realpath(self._run_dir) == os.path.realpath(os.environ.get("AML_RUN_DIR", "")):
            raise UserErrorException("A script cannot wait for its own run, which ends with it.")
        pause = 0.05
        while self.get_status() not in TERMINAL:
            time.sleep(pause)
            pause = min(2 * pause, 1.0)
        if raise_on_error and self.get_status() == "Failed":
            raise ActivityFailedException(self.get_detailed_status()["details"] or "It failed.")
        return self.get_details()

    def start(self) -> None:
        """Do nothing: a run whose script is executing has started."""

    def complete(self) -> None:
        """Write everything out; the run completes when its script ends well."""
        self.flush()

    def fail(self, error_details: "Any" = None, error_code: "str | None" = None) -> None:
        """Write everything out, and the error into the run's events; the run fails when its script does.

        Parameters
        ----------
        error_details
            What went wrong: text, or an exception.
        error_code
            A code for it.
        """
        text = _error_text(error_details, error_code)
        if text:
            append_event(self._run_dir, note=text)
        self.flush()

    def cancel(self) -> None:
        """Say that a script cannot cancel its own run; it can exit."""
        import warnings  # noqa: PLC0415 - seldom needed

        warnings.warn("Run.cancel() has no effect inside the run; call sys.exit() to end it.", stacklevel=2)

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, kind: object, error: "BaseException | None", trace: object) -> None:
        if error is None or (isinstance(error, SystemExit) and not error.code):
            self.complete()
        else:
            self.fail(error)

    def child_run(self, name: "str | None" = None, run_id: "str | None" = None, outputs: "Any" = None) -> "ChildRun":
        """Start a run inside this one, to group what belongs together; use it in a ``with``.

        Parameters
        ----------
        name
            What its display name ends with.
        run_id
            Its id; None makes one.
        outputs
            Accepted as in v1: a child run has an outputs folder of its own.

        Raises
        ------
        UserErrorException
            When there is a child with that id, or the id cannot name a folder.
        """
        del outputs
        child_id = run_id or "{}_{}".format(self.id, os.urandom(4).hex())
        return ChildRun(make_child(self._run_dir, self._asked(), child_id, name, self.display_name), self._rank)

    def create_children(
        self,
        count: "int | None" = None,
        tag_key: "str | None" = None,
        tag_values: "list[Any] | None" = None,
    ) -> "list[ChildRun]":
        """Start several runs inside this one.

        Parameters
        ----------
        count
            How many, at most 100.
        tag_key
            Instead of `count`: the tag by which they differ.
        tag_values
            Its value for each of them.

        Raises
        ------
        UserErrorException
            When neither or both forms are used, or there would be more than 100.
        """
        children = []
        for tags in tags_of_children(count, tag_key, tag_values):
            child = self.child_run()
            child.set_tags(tags)
            children.append(child)
        return children

    def register_model(
        self,
        model_name: str,
        model_path: "str | None" = None,
        tags: "dict[str, str] | None" = None,
        properties: "dict[str, str] | None" = None,
        model_framework: "str | None" = None,
        model_framework_version: "str | None" = None,
        description: "str | None" = None,
        **kwargs: "Any",
    ) -> "Model":
        """Register files of the run as the next version of a model.

        Parameters
        ----------
        model_name
            The model.
        model_path
            A file or folder among the run's files, such as ``outputs/model.pt``. None: one that is named like the
            model, there or in ``outputs``, else all of ``outputs``.
        tags, properties, model_framework, model_framework_version, description
            Kept with it.
        **kwargs
            Accepted as in v1.

        Raises
        ------
        ModelPathNotFoundException
            The run has no such file.
        """
        from .models import register_from_run  # noqa: PLC0415 - few scripts register models

        del kwargs
        about = {"tags": tags, "properties": properties, "description": description}
        about.update(framework=model_framework, framework_version=model_framework_version)
        if model_path is None:
            names = self.get_file_names()
            places = (model_name, "outputs/" + model_name, "outputs")
            found = [place for place in places if any((name + "/").startswith(place + "/") for name in names)]
            model_path = found[0] if found else model_name
        return register_from_run(self.id, model_name, model_path, about)

    def get_children(
        self,
        recursive: bool = False,
        tags: "Any" = None,
        properties: "Any" = None,
        type: "str | None" = None,  # noqa: A002 - v1's name
        status: "str | None" = None,
    ) -> "Iterator[ChildRun]":
        """Give the runs that were made inside this one, the newest first.

        Parameters
        ----------
        recursive
            Whether to give theirs too.
        tags, properties
            Only runs with these: a name, or a dictionary of names and values.
        type, status
            Only runs of this type or status.
        """
        children = [ChildRun(folder, self._rank) for folder in child_dirs(self._run_dir)]
        for child in sorted(children, key=lambda child: child.number, reverse=True):
            if (
                fits(child.get_tags(), tags)
                and fits(child.get_properties(), properties)
                and type in {None, child.type}
                and status in {None, child.get_status()}
            ):
                yield child
            if recursive:
                yield from child.get_children(True, tags, properties, type, status)


class ChildRun(Run):
    """A run that a script has made inside its own; it ends when the script says so."""

    def start(self) -> None:
        """Mark the run as running."""
        append_event(self._run_dir, status="Running")

    def complete(self) -> None:
        """Mark the run as completed."""
        self.flush()
        append_event(self._run_dir, status="Completed")

    def fail(self, error_details: "Any" = None, error_code: "str | None" = None) -> None:
        """Mark the run as failed.

        Parameters
        ----------
        error_details
            What went wrong: text, or an exception.
        error_code
            A code for it.
        """
        self.flush()
        append_event(self._run_dir, status="Failed", reason=_error_text(error_details, error_code) or None)

    def cancel(self) -> None:
        """Mark the run as canceled."""
        self.flush()
        append_event(self._run_dir, status="Canceled")

    def end_with(self, error: "BaseException | None") -> None:
        """End the run if it has not ended, as its script has ended.

        Parameters
        ----------
        error
            What has ended the script, or None.
        """
        if self.get_status() not in TERMINAL:
            self.__exit__(None, error, None)


def _error_text(error_details: "Any", error_code: "str | None") -> str:
    if isinstance(error_details, BaseException):
        error_details = "{}: {}".format(type(error_details).__name__, error_details)
    return ": ".join(str(part) for part in (error_code, error_details) if part)
