"""The same run once more."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from parts.submitting import Folder, said

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.data.output import OutputFileDatasetConfig
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.environments.recipes import recipes
from jupyter_ext.core.runs.again import submit_again
from jupyter_ext.core.runs.run import Run
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.store.records import RunSpec, read_record

SAYS = "import os, sys\nprint(sys.argv[1:], os.environ.get('MODE'), os.environ.get('API_TOKEN'))"


def _spec(run: Run) -> RunSpec:
    spec = read_record(run.paths.run_json, RunSpec)
    assert spec is not None
    return spec


def _refused(run: Run) -> str:
    before = sorted(run.paths.root.parent.iterdir())
    with pytest.raises(AzureMLException) as caught:
        submit_again(run)
    assert sorted(run.paths.root.parent.iterdir()) == before
    return caught.value.message


def test_it_has_the_same_files_arguments_environment_and_tags(folder: Folder) -> None:
    environment = Environment("own")
    environment.python.user_managed_dependencies = True
    environment.python.interpreter_path = sys.executable
    environment.environment_variables = {"MODE": "fast"}
    config = folder.config(SAYS, arguments=["--lr", 0.1, "a b"], environment=environment)
    first = folder.experiment.submit(config, tags={"kind": "trial"})
    first.wait_for_completion()
    first.tag("best", "yes")
    folder.write("print('changed since')")
    again = submit_again(first)
    again.wait_for_completion()
    assert said(again) == said(first) == "['--lr', '0.1', 'a b'] fast None\n"
    assert again.tags == {"kind": "trial"}
    assert (again.id, again.number) != (first.id, first.number)
    assert again.number == 2
    once, twice = _spec(first), _spec(again)
    for name in ("arguments", "environment", "target", "snapshot_id", "snapshot_files", "properties", "experiment"):
        assert getattr(once, name) == getattr(twice, name)
    assert again.experiment.name == "exp"


def test_its_data_goes_to_a_place_of_its_own(folder: Folder) -> None:
    text = "import sys, pathlib\npathlib.Path(sys.argv[1], 'x.txt').write_text('data')"
    first = folder.submit(text, arguments=[OutputFileDatasetConfig("out")])
    first.wait_for_completion()
    again = submit_again(first)
    again.wait_for_completion()
    (once,), (twice,) = _spec(first).outputs, _spec(again).outputs
    assert first.id in once.path
    assert twice.path == once.path.replace(first.id, again.id)
    note = next(one["note"] for one in recipes(first) if one["title"] == "From a cell")
    assert "Left out: the data." in note


def test_secret_variables_come_from_this_process_or_it_is_refused(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = folder.config(SAYS)
    config.run_config.environment_variables = {"API_TOKEN": "hunter2"}
    first = folder.experiment.submit(config)
    first.wait_for_completion()
    assert "hunter2" in said(first)
    message = _refused(first)
    assert "API_TOKEN" in message
    assert "os.environ['API_TOKEN']" in message
    monkeypatch.setenv("API_TOKEN", "hunter3")
    again = submit_again(first)
    again.wait_for_completion()
    assert "hunter3" in said(again)
    assert "hunter" not in again.paths.run_json.read_text()


def test_what_is_gone_is_refused(folder: Folder) -> None:
    workspace = folder.experiment.workspace
    target = ComputeTarget.create(workspace, "small", AmlCompute.provisioning_configuration(max_nodes=1))
    run = folder.submit("print(1)", compute_target=target)
    run.wait_for_completion()
    target.delete()
    assert "no compute target 'small'" in _refused(run)
    run = folder.submit("print(1)")
    run.wait_for_completion()
    (workspace._paths.snapshots / f"{run.get_snapshot_id()}.json").unlink()
    assert "There is no snapshot" in _refused(run)


def test_a_container_needs_an_engine(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    run = folder.submit("print(1)")
    run.wait_for_completion()
    text = run.paths.run_json.read_text().replace('"container": false', '"container": true')
    run.paths.run_json.write_text(
        text.replace('"environment": null', '"environment": {"name": "x", "docker": {"baseImage": "mine:1"}}')
    )
    assert "needs a container. No container engine answers" in _refused(run)


def test_a_run_of_the_notebook_itself_cannot_be_submitted(folder: Folder, in_folder: Path) -> None:
    run = folder.experiment.start_logging(outputs=False)
    run.complete()
    assert "was not submitted" in _refused(run)
