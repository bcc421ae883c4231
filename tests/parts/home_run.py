"""A run in a home, written by a test: what reads it there finds its runner alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.locks import Lock
from jupyter_ext.store.paths import WorkspacePaths
from parts.live_run import fill, make_run

if TYPE_CHECKING:
    from pathlib import Path

    from parts.live_run import Live


class HomeRun:
    """A run in a home's default workspace, in its middle.

    Parameters
    ----------
    home
        The home.
    run_id
        The run's id.
    """

    def __init__(self, home: Path, run_id: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AML_HOME", str(home))
            Workspace.create("default", exist_ok=True, show_output=False)
        workspace = WorkspacePaths(home / "default")
        self.live: Live = make_run(workspace.runs / run_id)
        fill(self.live)
        self._runner = Lock(self.live.paths.runner_lock)
        assert self._runner.acquire()
        self.catalogue = Catalogue(workspace)
        self.catalogue.index(self.live.paths)

    def end(self, status: str = "Completed", reason: str | None = None) -> None:
        """End it."""
        fields = {"reason": reason} if reason else {}
        self.live.event(60.0, status=status, **fields)
        self.catalogue.set_status(self.live.id, status)
        self._runner.release()
