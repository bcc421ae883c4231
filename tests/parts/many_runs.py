"""Many runs in a home at once, as months of work leave them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.paths import WorkspacePaths
from jupyter_ext.store.records import RunSpec, encode

if TYPE_CHECKING:
    from pathlib import Path

_EXPERIMENTS = ("birds", "mnist", "flowers", "speech")
_HOUR = 3600.0


def write_ended_runs(home: Path, count: int) -> None:
    """Write so many runs that have ended, one an hour up to now, the 10th of each ten failed.

    They are ``old_1`` to ``old_<count>``, the newest last.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AML_HOME", str(home))
        Workspace.create("default", exist_ok=True, show_output=False)
    workspace = WorkspacePaths(home / "default")
    catalogue = Catalogue(workspace)
    now = time.time()
    with catalogue.transaction():
        for number in range(1, count + 1):
            paths = workspace.run(f"old_{number}")
            paths.root.mkdir(parents=True)
            spec = RunSpec(
                run_id=paths.run_id,
                experiment=_EXPERIMENTS[number % len(_EXPERIMENTS)],
                workspace="default",
                type="azureml.scriptrun",
                created=now - (count - number + 1) * _HOUR,
                number=number,
            )
            paths.run_json.write_bytes(encode(spec))
            why = {} if number % 10 else {"reason": f"ValueError: shape {number} is not (3, 224)"}
            end = spec.created + 60.0 + number % 600
            append_event(str(paths.root), t=end, status="Failed" if why else "Completed", **why)
            catalogue.index(paths)
