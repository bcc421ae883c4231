"""Two runs, made once: one that has completed, one that has failed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SCRIPT = """\
import sys
from azureml.core import Run

run = Run.get_context()
print("first line")
print("second \\x1b]0;title\\x07line")
for value in (1.0, 0.5, float(sys.argv[2])):
    run.log("loss", value)
open("outputs/model.txt", "w").write("model")
open("logs/own.txt", "w").write("own")
if "--fail" in sys.argv:
    raise ValueError("shape \\x1b[31mmismatch")
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with the runs ``one_1`` and ``two_1``, and little else."""
    folder = tmp_path_factory.mktemp("commands")
    source = folder / "source"
    source.mkdir()
    (source / "train.py").write_text(SCRIPT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AML_HOME", str(folder / "home"))
        workspace = Workspace.create("default", show_output=False)
        for name, arguments in (("one", ["--lr", "0.1"]), ("two", ["--lr", "0.2", "--fail"])):
            config = ScriptRunConfig(str(source), "train.py", arguments=arguments)
            run = Experiment(workspace, name).submit(config, run_id=f"{name}_1")
            run.wait_for_completion(raise_on_error=False)
        yield workspace


@pytest.fixture
def aml(workspace: Workspace, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``jupyter aml`` in an empty folder."""
    assert workspace

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "jupyter_ext.commands.terminal", *arguments],
            cwd=tmp_path,
            env=os.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run
