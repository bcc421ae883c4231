"""Follows BuildKit: which step of the user's Dockerfile it is at, what that prints, and how it has failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_ext.build import dockerfile, image_failures
from jupyter_ext.build.stream import step_failure

if TYPE_CHECKING:
    from jupyter_ext.build.recipe import Recipe
    from jupyter_ext.build.reporter import Reporter
    from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

_HEAD = re.compile(r"\[(?:\w+/\S+ )?(?:(\S+) +)?(\d+)/\d+\] ")
_LINE_OF_SYNTAX_ERROR = re.compile(r"parse error (?:on )?line (\d+)|^Dockerfile:(\d+)", re.MULTILINE)
_KEPT = 10  # last lines of each step


class Following:
    """One build; several of its steps may go on at once, and BuildKit has a name of its own for each.

    Parameters
    ----------
    recipe
        What is built.
    reporter
        Gets the steps and the output.
    """

    def __init__(self, recipe: Recipe, reporter: Reporter) -> None:
        self._recipe = recipe
        self._reporter = reporter
        self._steps = dockerfile.steps(recipe.context.text)
        self._begun: dict[str, tuple[str, int]] = {}
        self._lines: dict[str, list[str]] = {}
        self._failed: tuple[str, str] | None = None

    @property
    def failed(self) -> bool:
        """Whether BuildKit has told of a failure."""
        return self._failed is not None

    def step(self, name: str, title: str) -> bool:
        """Begin the step of such a title, unless it has begun; tell whether it is one of the Dockerfile's."""
        head = _HEAD.match(title)
        if head is None:
            return False
        stage, number = head.groups()
        first = next(iter(self._steps), ("", 0))[0]
        key = (stage or first, int(number))
        if name not in self._begun and key in self._steps:
            self._begun[name] = key
            self._reporter.step(self._recipe.title(str(self._steps[key])))
        return True

    def cached(self) -> None:
        """Say that the step was taken from the engine's cache."""
        self._reporter.line("(cached)")

    def line(self, name: str, text: str) -> None:
        """Pass on what a step prints."""
        if name in self._begun:
            self._lines[name] = [*self._lines.get(name, [])[1 - _KEPT :], text]
            self._reporter.line(text)

    def moving(self, text: str) -> None:
        """Pass on how much has been moved, which is out of date soon."""
        self._reporter.line(text, lasting=False)

    def fail(self, name: str, reason: str, title: str = "") -> None:
        """Keep why a step has failed, or what a step has asked for, such as a download, by its title."""
        asking = (key for key, step in self._steps.items() if title and title in step.value.split())
        if name not in self._begun and (key := next(asking, None)):
            self._begun[name] = key
        self._failed = (name, reason)

    def failure(self, said: str = "") -> EnvironmentBuildException:
        """Return the exception for the build.

        Parameters
        ----------
        said
            What BuildKit said of the whole build.
        """
        name, reason = self._failed or ("", "")
        if name not in self._begun:
            reason = said or reason
            match = _LINE_OF_SYNTAX_ERROR.search(reason)
            line = int(match.group(1) or match.group(2)) if match else None
            return image_failures.failure("The Dockerfile cannot be built", reason, self._reporter, line=line)
        key = self._begun[name]
        at, lines = list(self._steps).index(key), self._lines.get(name, [])
        return step_failure(self._recipe, list(self._steps.values()), at, reason, self._reporter, lines)
