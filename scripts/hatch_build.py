"""Hatch's build hook: a wheel, an sdist and an editable install all carry the built view."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ViewBuildHook(BuildHookInterface[Any]):
    """Runs scripts/build_view.py, which does nothing where the built view is up to date."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch's signature
        """Build the view before the files are collected."""
        script = Path(self.root) / "scripts" / "build_view.py"
        if subprocess.run([sys.executable, str(script)], check=False).returncode:
            sys.exit(1)
