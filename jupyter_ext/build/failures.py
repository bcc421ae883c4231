"""Tells what sort of failure a build has ended with, which package it is about, and what usually mends it."""

from __future__ import annotations

import errno
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_ext.build.records import Failure
from jupyter_ext.runtime.inside.jupyter_aml_run import exceptions
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.build.reporter import Reporter

NO_SPACE = "no space"
NO_NETWORK = "no network"
AUTHENTICATION = "authentication"
NOT_FOUND = "package not found"
UNSATISFIABLE = "unsatisfiable"
DOES_NOT_BUILD = "package does not build"
CHANGED = "package changed"

_REMEDIES = {
    NO_SPACE: "Give back disk, such as with %aml envs prune, and build again.",
    NO_NETWORK: "See that the address can be reached from this machine, or name another index or channel.",
    AUTHENTICATION: "Give a user name and a password or token that the server takes.",
    NOT_FOUND: "Check how the name is spelled, its version, and whether the index or channel that has it is named.",
    UNSATISFIABLE: "Ask for other versions: the lines above tell which of them contradict each other.",
    DOES_NOT_BUILD: "Take a version that has a wheel for this Python, or install what its build needs.",
    CHANGED: "Put in the hash of the file that is wanted now, or ask for the version whose hash it is.",
}
_SIGNS = {
    NO_SPACE: ("No space left on device", "Disk quota exceeded", "not enough space"),
    CHANGED: ("[Hh]ash mismatch",),
    AUTHENTICATION: (
        r"(?i:http|status|error|code)\D{0,12}40[13]\b",
        "[Uu]nauthorized",
        "Forbidden",
        "could not read (?:Username|Password)",
        "[Aa]uthentication (?:failed|required)",
    ),
    NO_NETWORK: (
        "dns error",
        "Could not (?:resolve|connect)",
        "[Nn]ame or service not known",
        "[Tt]emporary failure in name resolution",
        "[Cc]onnection (?:refused|reset)",
        "timed out",
        "error sending request",
        "error trying to connect",
        "[Nn]etwork is unreachable",
        r"(?i:http|status|error|code)\D{0,12}50[0234]\b",
    ),
    NOT_FOUND: (
        "was not found in the (?:package registry|provided package locations|cache)",
        "there (?:is|are) no versions? of",
        r"Because only \S+ (?:is|are) available and you require",
        "No candidates were found",
        "No matching distribution found",
        "Unable to locate package",
    ),
    UNSATISFIABLE: ("unsatisfiable", "Cannot solve", "ResolutionImpossible", "conflicting dependencies"),
    DOES_NOT_BUILD: ("Failed to build", "build backend returned an error"),
}
_FACTS = ("step", "line", "log", "kind", "package", "remedy", "last_lines")
_NAME = r"[`'\"]?([A-Za-z0-9][\w.-]*)"
_PACKAGES = (
    rf"Because {_NAME} was not found",
    rf"there (?:is|are) no versions? of {_NAME}",
    rf"Because only {_NAME}",
    rf"No candidates were found for {_NAME}",
    rf"No matching distribution found for {_NAME}",
    rf"Unable to locate package {_NAME}",
    rf"[Hh]ash mismatch for {_NAME}",
    rf"Failed to (?:build|download|fetch)(?: and build)? {_NAME}",
    rf"[├└]─ {_NAME} \S+ cannot be installed because",
    rf"Cannot solve the request because of: (?!The following){_NAME}",
    rf"you require {_NAME}",
    rf"Building (?:\S*/)?{_NAME}",
)


def kind_of(text: str) -> str | None:
    """Return the kind of failure that a program's words speak of, or None."""
    return next((kind for kind, signs in _SIGNS.items() if re.search("|".join(signs), text)), None)


def remedy_of(kind: str | None) -> str | None:
    """Return the sentence that tells what usually mends a kind of failure, or None."""
    return _REMEDIES.get(kind or "")


def package_of(text: str) -> str | None:
    """Return the package that a program's words complain of, or None."""
    for pattern in _PACKAGES:
        found = re.search(pattern, text)
        if found:
            return found.group(1).rstrip("._-").split("==")[0]
    return None


def of(message: str, kind: str | None = None) -> EnvironmentBuildException:
    """Return the exception for a failure that belongs to no step yet; ``kind`` is told by the words if it is None."""
    kind = kind or kind_of(message)
    remedy = remedy_of(kind)
    text = f"{message}\n{remedy}" if remedy else message
    return EnvironmentBuildException(text, kind=kind, package=package_of(message), remedy=remedy)


def failure(
    reason: str, reporter: Reporter, *, kind: str | None = None, package: str | None = None
) -> EnvironmentBuildException:
    """Return the exception for a step that has failed.

    Parameters
    ----------
    reason
        Why, in the words of the program that failed.
    reporter
        Knows the step, and has the log.
    kind
        One of this module's kinds, where it is known; else the words tell it.
    package
        The package that it is about, where it is known; else the words tell it.
    """
    kind = kind or kind_of(reason)
    remedy = remedy_of(kind)
    parts = [f"{reporter.text} failed:", reason, remedy, f"The whole log is {reporter.log}."]
    return EnvironmentBuildException(
        "\n".join(part for part in parts if part),
        step=reporter.text,
        log=str(reporter.log),
        kind=kind,
        package=package or package_of(reason),
        remedy=remedy,
        last_lines=reporter.last_lines,
    )


@contextmanager
def at_step(reporter: Reporter) -> Iterator[None]:
    """Give a failure that knows no step the reporter's, and its words to the log."""
    try:
        yield
    except EnvironmentBuildException as error:
        for line in error.message.splitlines():
            reporter.line(line)
        error.step, error.log, error.last_lines = reporter.text, str(reporter.log), reporter.last_lines
        raise


def of_disk(error: OSError, place: object) -> EnvironmentBuildException:
    """Return the exception for a file that could not be written."""
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    kind = NO_SPACE if full else None
    remedy = _REMEDIES[NO_SPACE] if full else None
    message = f"The environment cannot be kept in {place}: {error}."
    return EnvironmentBuildException(f"{message} {remedy}" if remedy else message, kind=kind, remedy=remedy)


def recorded(error: exceptions.AzureMLException) -> Failure:
    """Return an exception as a record, which :func:`raised` turns back."""
    facts = {name: getattr(error, name) for name in _FACTS if getattr(error, name, None)}
    return Failure(type(error).__name__, error.message, **facts)


def raised(failure: Failure) -> BaseException:
    """Return the exception that a build ended with, as its own class."""
    kind = getattr(exceptions, failure.type, None)
    if kind is EnvironmentBuildException:
        return EnvironmentBuildException(failure.message, **{name: getattr(failure, name) for name in _FACTS})
    if kind is None:
        return KeyboardInterrupt() if failure.type == "KeyboardInterrupt" else RuntimeError(failure.message)
    error: BaseException = kind(failure.message)
    return error
