"""A run of a submitted script."""

from __future__ import annotations

from .run import Run


class ScriptRun(Run):
    """A run of a submitted script; what ``Experiment.submit`` returns for a ScriptRunConfig."""
