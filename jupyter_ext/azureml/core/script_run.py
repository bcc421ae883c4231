"""``azureml.core.script_run``."""

from __future__ import annotations

from jupyter_ext.core.runs.script_run import ScriptRun

__all__ = ["ScriptRun"]
