"""The lines that make a run again do so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from parts.submitting import Folder

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.data.dataset import Dataset
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.environments.recipes import recipes
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.submission.distributed import PyTorchConfiguration
from jupyter_ext.magics.arguments import parse_submit
from jupyter_ext.magics.expansion import expanded
from jupyter_ext.store.snapshots.snapshot_files import CELL_MARK


def _recipe(run: Run, title: str) -> dict[str, str]:
    return next(one for one in recipes(run) if one["title"] == title)


def test_the_line_of_a_cell_means_the_same_run(folder: Folder) -> None:
    environment = Environment("own")
    environment.python.user_managed_dependencies = True
    environment.python.interpreter_path = sys.executable
    environment.register(folder.experiment.workspace)
    arguments = ["--lr", 0.1, "a b", "$HOME", "{lr}", '{"a": 1}', "it's"]
    config = folder.config("print(1)", arguments=arguments, environment=environment)
    run = folder.experiment.submit(config, tags={"kind": "a trial"})
    recipe = _recipe(run, "From a cell")
    magic, _, line = recipe["code"].partition(" ")
    assert magic == "%aml_submit"
    assert recipe["note"] == "The folder is sent as it is now."
    options = parse_submit(expanded(line, {"lr": 7, "HOME": "/root"}), is_cell=False)
    assert options.arguments == [str(one) for one in arguments]
    assert (options.script, options.env, options.experiment) == ("train.py", "own:1", "exp")
    assert (options.source, options.tags) == (str(folder.path), {"kind": "a trial"})


def test_it_says_what_the_line_leaves_out(folder: Folder) -> None:
    environment = Environment("never-registered")
    environment.python.user_managed_dependencies = True
    config = folder.config("print(1)", environment=environment)
    config.run_config.environment_variables = {"MODE": "fast", "API_TOKEN": "hunter2"}
    run = folder.experiment.submit(config)
    note = _recipe(run, "From a cell")["note"]
    assert "environment, which is registered as it was under no version" in note
    assert "environment variables of the configuration" in note
    exact = _recipe(run, "The same files, arguments, environment and target")
    assert exact["code"] == f"%aml rerun {run.id} --workspace test-ws"
    assert "API_TOKEN" in exact["note"]
    assert "hunter2" not in str(recipes(run))


def test_registered_data_is_named(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("data")
    workspace = folder.experiment.workspace
    dataset = Dataset.File.from_files(str(tmp_path / "x.txt")).register(workspace, "birds")
    config = folder.config("print(1)")
    config.run_config.data = {"given": dataset.as_named_input("given").as_mount()}
    recipe = _recipe(folder.experiment.submit(config), "From a cell")
    assert recipe["note"] == "The folder is sent as it is now."
    options = parse_submit(recipe["code"].partition(" ")[2], is_cell=False)
    assert options.data == {"given": "birds:1"}


def test_a_cells_script_comes_back_as_a_cell(folder: Folder) -> None:
    body = "import this\nprint('hi')\n"
    run = folder.submit(CELL_MARK.decode() + "0" * 64 + "\n" + body)
    (folder.path / "train.py").unlink()
    code = _recipe(run, "From a cell")["code"]
    first, _, rest = code.partition("\n")
    assert first.startswith("%%aml_submit --experiment exp --source ")
    assert first.endswith(" train.py")
    assert rest == body


def test_the_source_is_named_where_git_has_it(folder: Folder, tmp_path: Path) -> None:
    folder.write("print(1)")
    for words in (
        ["init", "-q"],
        ["remote", "add", "origin", "https://me:secret@git.example/birds.git"],
        ["add", "-A"],
        ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "first"],
    ):
        subprocess.run(["git", "-C", str(folder.path), *words], check=True, timeout=20)
    run = folder.submit(None, script="train.py")
    recipe = _recipe(run, "The source from git")
    assert recipe["note"] == ""
    assert recipe["code"].startswith(f"git clone https://git.example/birds.git {run.id}\ngit -C {run.id} checkout ")


def test_the_line_has_the_nodes_and_processes(folder: Folder) -> None:
    configuration = AmlCompute.provisioning_configuration(max_nodes=2)
    target = ComputeTarget.create(folder.experiment.workspace, "pair", configuration)
    asked = PyTorchConfiguration("gloo", 4, 2)
    run = folder.submit("print(1)", compute_target=target, distributed_job_config=asked)
    line = _recipe(run, "From a cell")["code"]
    assert "--compute pair" in line
    assert "--nodes 2 --procs-per-node 2 --distributed pytorch" in line
