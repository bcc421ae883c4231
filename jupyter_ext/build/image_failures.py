"""Tells what sort of failure an engine has answered a build with, and where in the user's text it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_ext.build import failures
from jupyter_ext.build.reporter import clean
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_ext.build.reporter import Reporter

NO_IMAGE = "no such image"
NO_FILE = "file not found"
NO_PROGRAM = "command not found"
NO_VENV = "no venv"
NO_PYTHON = "no Python"
SYNTAX = "syntax error"
UNKNOWN = "unknown instruction"
NO_MEMORY = "out of memory"
PLATFORM = "platform"
ASKS_BACK = "docker program needed"

_REMEDIES = {
    NO_IMAGE: "There is no such image or tag, or it is private: check the name, or name the registry's user.",
    failures.AUTHENTICATION: "Name the registry or server with its user, and where the password is; or check them.",
    NO_VENV: "The image's Python cannot make virtual environments: install Debian's python3-venv in it.",
    NO_FILE: "COPY and ADD see the build context only, without what .dockerignore leaves out.",
    UNKNOWN: (
        "Check the spelling of the line's first word; a line that goes on ends in a backslash. What stands below '<<' "
        "needs a newer engine, or '# syntax=docker/dockerfile:1' as the first line."
    ),
    SYNTAX: "Check how the line is written.",
    NO_PROGRAM: "The image has no such program: install it in a step before.",
    PLATFORM: "The image is for another kind of processor than the engine's: take one for this platform.",
    ASKS_BACK: "The engine asks a docker program for a secret or an ssh agent: install one that speaks to BuildKit.",
    NO_MEMORY: "The step was killed, most often since memory ran out: give the engine more, or do less at once.",
}
_SIGNS = {
    ASKS_BACK: ("no active session",),
    NO_VENV: (
        "ensurepip is not available",
        "No module named '?(venv|ensurepip)",
        "virtual environment was not created successfully",
    ),
    NO_IMAGE: ("manifest unknown", r"manifest for \S+ not found", "repository does not exist", "invalid reference"),
    PLATFORM: ("exec format error", "no matching manifest", "was found but does not match the specified platform"),
    failures.AUTHENTICATION: (
        "unauthorized",
        "authentication required",
        "no basic auth",
        "incorrect username",
        "access denied",
        r"\bdenied: ",
    ),
    failures.NO_NETWORK: (
        "no such host",
        "i/o timeout",
        "TLS handshake timeout",
        "dial tcp",
        "Temporary failure resolving",
        "request canceled while waiting for connection",
        "Failed to establish a new connection",
    ),
    NO_FILE: (
        "forbidden path outside",
        "failed to (compute cache key|calculate checksum)",
        "(COPY|ADD) failed",
        "copier: stat",
        '"/[^"]*" not found: not found',
    ),
    UNKNOWN: ("unknown instruction",),
    SYNTAX: ("parse error", "failed to create LLB", r"requires (at least|exactly) \w+ argument"),
    failures.NOT_FOUND: (
        "has no installation candidate",
        "PackagesNotFoundError",
        "ResolvePackageNotFound",
        "unable to select packages",
    ),
}
_COMMAND_AGAIN = re.compile(  # the step's own title tells the command
    r"executor failed running \[.*\]: exit code: |process \".*\" did not complete successfully: exit code: |"
    r"The command '.*' returned a non-zero code: |"
    r'building at STEP ".*": while running runtime: exit status ',
    re.DOTALL,
)
_LATER = {  # signs that other failures show too
    NO_PROGRAM: ("executable file not found", "command not found", "code: 127"),
    NO_MEMORY: ("code: 137", r"\bKilled\b"),
}


def kind_of(text: str) -> str | None:
    """Return the kind of failure that an engine's words speak of, or None."""
    found = failures.kind_of(text)
    if found == failures.NO_SPACE:
        return found
    return _first(_SIGNS, text) or found or _first(_LATER, text)


def remedy_of(kind: str | None) -> str | None:
    """Return the sentence that tells what usually mends a kind of failure."""
    return _REMEDIES.get(kind or "") or failures.remedy_of(kind)


def failure(
    title: str,
    reason: str,
    reporter: Reporter,
    *,
    kind: str | None = None,
    step: str | None = None,
    line: int | None = None,
    lines: Iterable[str] | None = None,
) -> EnvironmentBuildException:
    """Return the exception for a step that has failed.

    Parameters
    ----------
    title
        What has failed, a line.
    reason
        What the engine said of it.
    reporter
        Has the step's last lines, and the log.
    kind
        What sort of failure it is, where that is known; else the words tell it.
    step, line
        The step, and the line of the user's own text that it stands in.
    lines
        The last lines of the step, where the reporter's are others.
    """
    last = [clean(line) for line in (reporter.last_lines if lines is None else lines)]
    shown, reason = "\n".join(last), _COMMAND_AGAIN.sub("exit code: ", reason.strip())
    kind = kind or kind_of(shown) or kind_of(reason)
    remedy = remedy_of(kind)
    parts = [title, shown, "" if reason in shown else reason, remedy, f"The whole log is {reporter.log}."]
    return EnvironmentBuildException(
        clean("\n".join(part for part in parts if part)),
        step=step and clean(step),
        line=line,
        log=str(reporter.log),
        kind=kind,
        package=failures.package_of(shown),
        remedy=remedy,
        last_lines=last,
    )


def _first(signs: dict[str, tuple[str, ...]], text: str) -> str | None:
    return next((kind for kind, words in signs.items() if re.search("|".join(words), text, re.IGNORECASE)), None)
