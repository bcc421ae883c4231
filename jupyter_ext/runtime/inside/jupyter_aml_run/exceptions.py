"""Every exception that the product raises, under SDK v1's names where v1 has them.

AzureMLException
├── UserErrorException              what was asked for cannot be; the message tells the remedy
├── RunConfigurationException       a run configuration that contradicts itself
├── ExperimentExecutionException    a run cannot be submitted, or waiting for it was interrupted
├── ActivityFailedException         a run that was waited for has failed
├── ActivityCanceledException       a run that was waited for was canceled
├── RunEnvironmentException         not inside a run, where one is needed
├── SnapshotException               the folder cannot be sent
├── TrainingException               an estimator's arguments contradict each other
├── ProjectSystemException          the project's files cannot be read or written
├── WorkspaceException              the workspace is not there, or its description is wrong
│   └── WorkspacePrivateEndpointException
├── ComputeTargetException          a compute target is not there, or cannot be made
├── AuthenticationException         a password or token was refused
├── WebserviceException             a model cannot be registered, found or downloaded
├── ModelNotFoundException          no registered model has that name and version
├── ModelPathNotFoundException      the run has no file of that name
├── ModelCreationException          the files of a model cannot be stored
├── DiscoveryUrlNotFoundException   kept for v1's name
├── DatasetTimestampMissingError    kept for v1's name
├── ParallelRunException            kept for v1's name
├── ServiceException                a service that was asked has answered with an error
├── ArtifactException               a file of a run: its name is taken, or not allowed
├── EnvironmentBuildException       (ours) an environment did not build: which step, which line, which log
└── EngineNotAnswering              (ours) no container engine answers
"""

# ruff: noqa: N818 - scripts catch these by v1's names

import json

TYPE_CHECKING = False  # typing's own costs an import
if TYPE_CHECKING:
    from typing import Any


class AzureMLException(Exception):
    """The root of all exceptions of the product.

    Parameters
    ----------
    exception_message
        One clear sentence, and the remedy.
    inner_exception
        The exception that led to this one.
    target
        The name of what was wrong, such as a parameter.
    details
        Further messages, shown in ``str(exception)``.
    message_format, message_parameters, reference_code
        Accepted as in v1: without a message, it is ``message_format`` filled with ``message_parameters``.
    """

    _error_code: "str | None" = None

    def __init__(
        self,
        exception_message: "Any" = "",
        inner_exception: "BaseException | None" = None,
        target: "str | None" = None,
        details: "Any" = None,
        message_format: "str | None" = None,
        message_parameters: "dict[str, Any] | None" = None,
        reference_code: "str | None" = None,
        **kwargs: "Any",
    ) -> None:
        if not exception_message and message_format:
            exception_message = message_format.format(**(message_parameters or {}))
        self._message = str(exception_message)
        self._inner_exception = inner_exception
        self._target = target
        self._details = details
        self._reference_code = reference_code
        self._extra = kwargs
        super().__init__(self._message)

    @property
    def message(self) -> str:
        """The plain text, without the class name and the error response."""
        return self._message

    @message.setter
    def message(self, value: str) -> None:
        self._message = value

    @property
    def inner_exception(self) -> "BaseException | None":
        """The exception that led to this one, or None."""
        return self._inner_exception

    @inner_exception.setter
    def inner_exception(self, value: "BaseException | None") -> None:
        self._inner_exception = value

    def print_stacktrace(self) -> None:
        """Print where the inner exception, or else this one, was raised, to stderr."""
        import traceback  # noqa: PLC0415 - seldom needed, and slow to import

        shown = self._inner_exception or self
        traceback.print_exception(type(shown), shown, shown.__traceback__)

    def _serialize_json(self) -> str:
        error: "dict[str, Any]" = {}
        if self._error_code:
            error["code"] = self._error_code
        error["message"] = self._message
        for key, value in (("target", self._target), ("details", self._details)):
            if value is not None:
                error[key] = value
        if self._reference_code:
            error["reference_code"] = self._reference_code
        return json.dumps({"error": error}, indent=4, default=str)

    def __str__(self) -> str:
        inner = self._inner_exception
        return "{}:\n\tMessage: {}\n\tInnerException {}\n\tErrorResponse \n{}".format(
            type(self).__name__, self._message, inner, self._serialize_json()
        )

    def __repr__(self) -> str:
        return str(self)

    def __reduce__(self) -> "tuple[Any, ...]":
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: "type[AzureMLException]", args: "tuple[Any, ...]", state: "dict[str, Any]") -> "AzureMLException":
    """Rebuild a pickled exception without its constructor, whose parameters differ from class to class."""
    exception = cls.__new__(cls, *args)
    exception.args = args
    exception.__dict__.update(state)
    return exception


class UserErrorException(AzureMLException):
    """What was asked for cannot be; the message tells the remedy."""

    _error_code = "UserError"


class RunConfigurationException(AzureMLException):
    """A run configuration that contradicts itself."""


class ExperimentExecutionException(AzureMLException):
    """A run cannot be submitted, or waiting for it was interrupted."""


class ActivityFailedException(AzureMLException):
    """A run that was waited for has failed.

    Parameters
    ----------
    error_details
        The error as a dictionary, or its text.
    """

    def __init__(self, error_details: "Any", **kwargs: "Any") -> None:
        text = error_details if isinstance(error_details, str) else json.dumps(error_details, indent=4, default=str)
        super().__init__("Activity Failed:\n" + text, **kwargs)


class ActivityCanceledException(AzureMLException):
    """A run that was waited for was canceled.

    Parameters
    ----------
    cancellation_source
        Who or what has canceled it.
    """

    def __init__(self, cancellation_source: "Any" = None, **kwargs: "Any") -> None:
        by = " by {}".format(cancellation_source) if cancellation_source else ""
        super().__init__("Activity canceled" + by + ".", **kwargs)


class RunEnvironmentException(AzureMLException):
    """Not inside a run, where one is needed."""

    def __init__(self, **kwargs: "Any") -> None:
        message = kwargs.pop("exception_message", None) or (
            "This script is not inside a run. Submit it as one, or call Run.get_context() without allow_offline=False."
        )
        super().__init__(message, **kwargs)


class SnapshotException(AzureMLException):
    """The folder cannot be sent."""


class TrainingException(AzureMLException):
    """An estimator's arguments contradict each other."""


class ProjectSystemException(AzureMLException):
    """The project's files cannot be read or written."""


class WorkspaceException(AzureMLException):
    """The workspace is not there, or its description is wrong.

    Parameters
    ----------
    exception_message
        One clear sentence, and the remedy.
    found_multiple
        Whether more than one workspace fits.
    """

    def __init__(self, exception_message: "Any" = "", found_multiple: bool = False, **kwargs: "Any") -> None:
        super().__init__(exception_message, **kwargs)
        self.found_multiple = found_multiple


class WorkspacePrivateEndpointException(WorkspaceException):
    """Kept for v1's name."""


class ComputeTargetException(AzureMLException):
    """A compute target is not there, or cannot be made."""


class AuthenticationException(AzureMLException):
    """A password or token was refused."""


class _LoggedException(AzureMLException):
    """An exception that v1 also gives to a logger."""

    def __init__(self, exception_message: "Any" = "", logger: "Any" = None, **kwargs: "Any") -> None:
        super().__init__(exception_message, **kwargs)
        if logger is not None:
            logger.error(self.message)


class WebserviceException(_LoggedException):
    """A model cannot be registered, found or downloaded.

    Parameters
    ----------
    exception_message
        One clear sentence, and the remedy.
    status_code
        The HTTP status that v1 would have met, or None.
    logger
        Where the message is also logged, or None.
    """

    def __init__(
        self,
        exception_message: "Any" = "",
        status_code: "int | None" = None,
        logger: "Any" = None,
        **kwargs: "Any",
    ) -> None:
        super().__init__(exception_message, logger, **kwargs)
        self.status_code = status_code


class ModelNotFoundException(_LoggedException):
    """No registered model has that name and version."""


class ModelPathNotFoundException(_LoggedException):
    """The run has no file of that name."""


class ModelCreationException(AzureMLException):
    """The files of a model cannot be stored."""


class DiscoveryUrlNotFoundException(AzureMLException):
    """Kept for v1's name.

    Parameters
    ----------
    discovery_key
        What was looked for.
    """

    def __init__(self, discovery_key: "Any" = "", **kwargs: "Any") -> None:
        super().__init__("No service address is known for {}.".format(discovery_key), **kwargs)


class DatasetTimestampMissingError(AzureMLException):
    """Kept for v1's name.

    Parameters
    ----------
    error_details
        What is missing.
    """

    def __init__(self, error_details: "Any" = "", **kwargs: "Any") -> None:
        super().__init__(error_details, **kwargs)


class ParallelRunException(AzureMLException):
    """Kept for v1's name.

    Parameters
    ----------
    exception_message
        What went wrong.
    code
        The exit code of the worker.
    delay_seconds
        How long to wait before trying again, in seconds.
    """

    def __init__(
        self,
        exception_message: "Any" = "",
        code: "int | None" = None,
        delay_seconds: float = 0,
        **kwargs: "Any",
    ) -> None:
        super().__init__(exception_message, **kwargs)
        self.code = code
        self.delay_seconds = delay_seconds


class ServiceException(AzureMLException):
    """A service that was asked has answered with an error.

    Parameters
    ----------
    exception_message
        What it said.
    status_code
        Its HTTP status, or None.
    """

    def __init__(self, exception_message: "Any" = "", status_code: "int | None" = None, **kwargs: "Any") -> None:
        super().__init__(exception_message, **kwargs)
        self.status_code = status_code


class ArtifactException(AzureMLException):
    """A file of a run: its name is taken, or not allowed."""

    _error_code = "UserError"


class EnvironmentBuildException(AzureMLException):
    """An environment did not build.

    Parameters
    ----------
    exception_message
        One clear sentence, and the remedy.
    step
        The step that failed, such as ``RUN pip install x``, or None.
    line
        The line of the Dockerfile or specification that the step stands in, counted from 1, or None.
    log
        The path of the whole build log, or None.
    kind
        What sort of failure it is, such as ``unsatisfiable`` or ``no network``, or None where it is not known.
    package
        The package that it is about, or None.
    remedy
        What usually mends it, or None.
    last_lines
        The end of the step's output.
    """

    _error_code = "UserError"

    def __init__(
        self,
        exception_message: "Any" = "",
        step: "str | None" = None,
        line: "int | None" = None,
        log: "str | None" = None,
        kind: "str | None" = None,
        package: "str | None" = None,
        remedy: "str | None" = None,
        last_lines: "Any" = (),
        **kwargs: "Any",
    ) -> None:
        super().__init__(exception_message, **kwargs)
        self.step = step
        self.line = line
        self.log = log
        self.kind = kind
        self.package = package
        self.remedy = remedy
        self.last_lines = list(last_lines)


class EngineNotAnswering(AzureMLException):
    """No container engine answers; the message tells how to start one."""
