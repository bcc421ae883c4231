"""Reads what the engine says while it builds, pulls or pushes an image."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from jupyter_ext.build import image_failures
from jupyter_ext.store.live.terminal_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_ext.build.dockerfile import Instruction
    from jupyter_ext.build.recipe import Recipe
    from jupyter_ext.build.reporter import Reporter
    from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

_STEP = re.compile(r"Step (\d+)/\d+ : (.*)", re.DOTALL | re.IGNORECASE)
_PODMANS_STEP = re.compile(r"STEP (\d+)/\d+: (.*)", re.DOTALL)
_PODMANS_RESULT = re.compile(r"[0-9a-f]{64}")
_NOISE = (" ---> ", "--> ", "Removing intermediate container ", "Successfully built ", "Successfully tagged ", "COMMIT")
_CACHED = ("---> Using cache", "--> Using cache")
_LINE_OF_SYNTAX_ERROR = re.compile(r"line (\d+)")
_PERIOD = 0.5  # seconds between two reports of how much has been moved


class Follow:
    """Reports a build as it goes on.

    Parameters
    ----------
    recipe
        What is built.
    instructions
        Those of the Dockerfile, one a step.
    reporter
        Gets the steps and the output.
    """

    def __init__(self, recipe: Recipe, instructions: list[Instruction], reporter: Reporter) -> None:
        self._recipe = recipe
        self._instructions = instructions
        self._reporter = reporter
        self._number = 0
        self._image: str | None = None

    def build(self, events: Iterable[dict[str, Any]]) -> str:
        """Report what the engine says, and return the id of the image.

        Raises
        ------
        EnvironmentBuildException
            A step has failed.
        """
        for event in events:
            if "error" in event:
                raise self.failure(str(event["error"]))
            self._image = (event.get("aux") or {}).get("ID") or self._image
            for text in str(event.get("stream") or "").splitlines():
                self._line(text)
        if self._image is None:
            raise self.failure("the engine ended the build without a word")
        return self._image

    def _line(self, text: str) -> None:
        step = _STEP.match(text) or _PODMANS_STEP.match(text)
        if step:
            self._number = int(step.group(1))
            self._reporter.step(self._recipe.title(step.group(2)))
        elif any(mark in text for mark in _CACHED):
            self._reporter.line("(cached)")
        elif _PODMANS_RESULT.fullmatch(text):
            self._image = f"sha256:{text}"
        elif plain(text).strip() and not text.startswith(_NOISE):
            self._reporter.line(text)

    def failure(self, reason: str) -> EnvironmentBuildException:
        """Return the exception for a build that has ended with an error, in the engine's words."""
        count = len(self._instructions)
        if 0 < self._number <= count:
            return step_failure(self._recipe, self._instructions, self._number - 1, reason, self._reporter)
        match = _LINE_OF_SYNTAX_ERROR.search(reason)
        line = int(match.group(1)) if match else None
        return image_failures.failure("The Dockerfile cannot be built", reason, self._reporter, line=line)


def step_failure(
    recipe: Recipe,
    instructions: list[Instruction],
    at: int,
    reason: str,
    reporter: Reporter,
    lines: list[str] | None = None,
) -> EnvironmentBuildException:
    """Return the exception for the step that has failed, in the words of whoever wrote the Dockerfile."""
    failed = instructions[at]
    step = recipe.title(str(failed))
    if recipe.titles is not None:
        return image_failures.failure(f"{step} failed", reason, reporter, step=step, lines=lines)
    title = f"The build failed at line {failed.line} of the Dockerfile: {step}"
    return image_failures.failure(title, reason, reporter, step=step, line=failed.line, lines=lines)


def follow_transfer(events: Iterable[dict[str, Any]], reporter: Reporter, doing: str) -> str | None:
    """Report a pull or a push as it goes on; return the engine's words where it fails, else None.

    Parameters
    ----------
    events
        What the engine says.
    reporter
        Gets the output.
    doing
        The engine's word for what is moved: ``Downloading`` or ``Pushing``.
    """
    layers: dict[str, tuple[int, int]] = {}
    last = 0.0
    for event in events:
        if "error" in event:
            return str(event["error"])
        status, layer = str(event.get("status", "")), str(event.get("id", ""))
        detail = event.get("progressDetail") or {}
        if status == doing and detail.get("total"):
            current, total = int(detail.get("current", 0)), int(detail["total"])
            layers[layer] = (min(current, total), total)
            if time.monotonic() - last > _PERIOD:
                last = time.monotonic()
                done, total = (sum(each) for each in zip(*layers.values(), strict=True))
                reporter.downloaded(done, total, pushing=doing == "Pushing")
        elif status and not detail:
            reporter.line(f"{layer}: {status}" if layer else status)
    return None
