"""``azureml.telemetry``: nothing is collected here, and nothing is sent."""

from __future__ import annotations

from typing import Any

__all__ = ["set_diagnostics_collection"]


def set_diagnostics_collection(send_diagnostics: bool = True, verbosity: Any = None) -> None:
    """Do nothing: accepted since v1's notebooks call it."""
    del send_diagnostics, verbosity
