"""``azureml.core.script_run_config``."""

from __future__ import annotations

from jupyter_ext.core.submission.script_run_config import ScriptRunConfig

__all__ = ["ScriptRunConfig"]
