"""Reads what the engine says while it builds or pulls an image."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_ext.build.dockerfile import Instruction
    from jupyter_ext.build.reporter import Reporter

_STEP = re.compile(r"Step (\d+)/(\d+) : (.*)", re.DOTALL)
_NOISE = (" ---> ", "Removing intermediate container ", "Successfully built ", "Successfully tagged ")
_CACHED = "---> Using cache"
_LINE_OF_SYNTAX_ERROR = re.compile(r"line (\d+)")
_PERIOD = 0.5  # seconds between two reports of how much has been downloaded
_MEGABYTE = 1e6


def follow_build(events: Iterable[dict[str, Any]], instructions: list[Instruction], reporter: Reporter) -> str:
    """Report a build as it goes on, and return the id of its image.

    Parameters
    ----------
    events
        What the engine says.
    instructions
        Those of the Dockerfile, one a step.
    reporter
        Gets the steps and the output.

    Raises
    ------
    EnvironmentBuildException
        A step has failed.
    """
    image: str | None = None
    number = 0
    for event in events:
        if "error" in event:
            raise failure(str(event["error"]), number, instructions, reporter)
        image = (event.get("aux") or {}).get("ID") or image
        for text in str(event.get("stream") or "").splitlines():
            step = _STEP.match(text)
            if step:
                number = int(step.group(1))
                reporter.step(step.group(3))
            elif text.strip() and not text.startswith(_NOISE):
                reporter.line(text)
            elif _CACHED in text:
                reporter.line("(cached)")
    if image is None:
        raise failure("the engine ended the build without a word", number, instructions, reporter)
    return image


def failure(reason: str, number: int, instructions: list[Instruction], reporter: Reporter) -> EnvironmentBuildException:
    """Return the exception for a build that has ended with an error.

    Parameters
    ----------
    reason
        The engine's words.
    number
        The step that failed, counted from 1; 0 where none had begun.
    instructions
        Those of the Dockerfile.
    reporter
        Has the last lines of output.
    """
    shown = "\n".join(reporter.last_lines)
    if 0 < number <= len(instructions):
        failed = instructions[number - 1]
        where = f"Step {number} of {len(instructions)}, line {failed.line} of the Dockerfile, failed: {failed}"
        return _exception([where, shown, reason], str(failed), failed.line, reporter)
    match = _LINE_OF_SYNTAX_ERROR.search(reason)
    line = int(match.group(1)) if match else None
    return _exception(["The Dockerfile cannot be built", shown, reason], None, line, reporter)


def _exception(parts: list[str], step: str | None, line: int | None, reporter: Reporter) -> EnvironmentBuildException:
    message = "\n".join(part for part in [*parts, f"The whole log is {reporter.log}."] if part)
    return EnvironmentBuildException(message, step=step, line=line, log=str(reporter.log))


def follow_pull(events: Iterable[dict[str, Any]], reporter: Reporter) -> str | None:
    """Report a pull as it goes on; return the engine's words where it fails, else None."""
    layers: dict[str, tuple[int, int]] = {}
    last = 0.0
    for event in events:
        if "error" in event:
            return str(event["error"])
        status, layer = str(event.get("status", "")), str(event.get("id", ""))
        detail = event.get("progressDetail") or {}
        if status == "Downloading" and detail.get("total"):
            layers[layer] = (int(detail.get("current", 0)), int(detail["total"]))
            if time.monotonic() - last > _PERIOD:
                last = time.monotonic()
                reporter.line(_downloaded(layers), lasting=False)
        elif status and not detail:
            reporter.line(f"{layer}: {status}" if layer else status)
    return None


def _downloaded(layers: dict[str, tuple[int, int]]) -> str:
    done = sum(current for current, _ in layers.values()) / _MEGABYTE
    total = sum(size for _, size in layers.values()) / _MEGABYTE
    return f"Downloaded {done:.1f} of {total:.1f} MB"
