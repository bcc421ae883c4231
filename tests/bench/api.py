"""Importing v1's nouns, and listing ten thousand runs."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.bench.table import Row, at_most, median_of

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext import Experiment

_IMPORT = """
import time
began = time.perf_counter()
from jupyter_ext.azureml.core import Workspace, Experiment, Environment, ScriptRunConfig
print(time.perf_counter() - began)
"""
_RUNS = 10_000
_FIRST = 10


def measure(place: Path) -> list[Row]:
    del place
    loaded = median_of(7, lambda: float(subprocess.check_output([sys.executable, "-c", _IMPORT], text=True)))
    experiment = _filled()

    def listed() -> None:
        assert len(list(experiment.get_runs())) == _RUNS

    return [
        at_most("from azureml.core import four nouns", loaded * 1000, "ms", 150),
        at_most(f"list(experiment.get_runs()) over {_RUNS:,} runs", median_of(5, listed), "s", 0.3),
        at_most(
            f"the first {_FIRST} of them",
            median_of(5, lambda: sum(1 for _ in itertools.islice(experiment.get_runs(), _FIRST)) and None) * 1000,
            "ms",
            20,
        ),
    ]


def _filled() -> Experiment:
    """Return an experiment with ten thousand runs that have ended."""
    from jupyter_ext import Experiment, Workspace
    from jupyter_ext.runtime.inside.jupyter_aml_run.events import append_event
    from jupyter_ext.store.records import RunSpec, encode

    workspace = Workspace.create("many", show_output=False)
    experiment = Experiment(workspace, "many")
    with workspace._catalogue.transaction():
        for number in range(1, _RUNS + 1):
            paths = workspace._paths.run(f"many_{number}")
            paths.root.mkdir(parents=True)
            spec = RunSpec(
                run_id=paths.run_id,
                experiment="many",
                workspace="many",
                type="azureml.scriptrun",
                created=time.time(),
                number=number,
            )
            paths.run_json.write_bytes(encode(spec))
            append_event(str(paths.root), status="Completed")
            workspace._catalogue.index(paths)
    return experiment
