"""How a run begins and ends, seen from the notebook."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.store.records import TERMINAL
from jupyter_ext.store.runners import request_cancel

from .base import RunBase

if TYPE_CHECKING:
    from types import TracebackType

    from .deletion import Deletion
    from .user_log import UserLog

RunT = TypeVar("RunT", bound="RunLife")


class RunLife(RunBase):
    """What a run offers of its beginning and its end."""

    _outputs_since: float | None = None
    _user_log: UserLog | None = None

    def start(self) -> None:
        """Mark a run as started; one that was submitted, or has ended, stays as it is."""
        if self._lock is not None and self.get_status() not in TERMINAL:
            append_event(str(self.paths.root), status="Running")

    def cancel(self) -> None:
        """Ask for the end of the run; return at once."""
        if self._lock is not None:
            self._end("Canceled")
        else:
            request_cancel(self.paths)

    def delete(self) -> Deletion:
        """(ours) Delete the run for good, with its children, logs, metrics and outputs; return what has gone.

        Models that were registered from it keep their files.

        Raises
        ------
        UserErrorException
            It, one of its children or its parent has not ended.
        """
        from .deletion import delete  # noqa: PLC0415 - seldom asked for
        from .run import Run  # noqa: PLC0415 - it is one

        assert isinstance(self, Run)  # noqa: S101 - there are no others
        return delete(self)

    def complete(self, _set_status: bool = True) -> None:
        """Mark a run of the notebook itself as completed; its ``./outputs`` are kept with it."""
        if _set_status:
            self._end("Completed")

    def fail(self, error_details: Any = None, error_code: Any = None, _set_status: bool = True) -> None:
        """Mark a run of the notebook itself as failed.

        Parameters
        ----------
        error_details
            Text, or an exception.
        error_code
            Kept with it.
        """
        if _set_status:
            told = ": ".join(str(part) for part in (error_code, _reason(error_details)) if part)
            self._end("Failed", reason=told or "It was marked as failed.")

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> dict[str, Any]:
        """Wait for the end of the run; return :meth:`Run.get_details`.

        Parameters
        ----------
        show_output
            Print the logs as they grow, in v1's form.
        wait_post_processing
            Accepted as in v1: the end is always waited for, as it follows at once.
        raise_on_error
            Raise when the run has failed. A canceled run never raises.

        Raises
        ------
        ActivityFailedException
            The run has failed.
        ExperimentExecutionException
            The wait was interrupted; the run goes on.
        """
        from .run import Run  # noqa: PLC0415 - it is one
        from .waiting import wait  # noqa: PLC0415 - waiting needs runs

        del wait_post_processing
        assert isinstance(self, Run)  # noqa: S101 - there are no others
        return wait(self, show_output=show_output, raise_on_error=raise_on_error)

    def __enter__(self: RunT) -> RunT:
        if self._lock is not None and self._user_log is None:
            from .user_log import UserLog  # noqa: PLC0415 - runs of a notebook only

            self._user_log = UserLog(self.paths.logs / "user_log.txt", sys.stdout)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None or (isinstance(error, SystemExit) and not error.code):
            self.complete()
        else:
            self.fail(error)

    def _end(self, status: str, reason: str | None = None) -> None:
        if self._user_log is not None:
            self._user_log.close()
            self._user_log = None
        if self._outputs_since is not None:
            from .interactive import keep_outputs  # noqa: PLC0415 - it makes runs

            keep_outputs(self, self._outputs_since)
        append_event(str(self.paths.root), status=status, **({"reason": reason} if reason else {}))
        self.experiment.workspace._catalogue.set_status(self.id, str(self._state()["status"]))
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _reason(details: Any) -> Any:
    if isinstance(details, AzureMLException):  # its text has several lines, v1's; its message tells the same
        return f"{type(details).__name__}: {details.message}"
    if isinstance(details, BaseException):
        return "".join(traceback.format_exception_only(details)).strip()
    return details
