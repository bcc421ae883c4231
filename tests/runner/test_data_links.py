"""Absolute paths of data, which runs that are processes share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from parts.submitting import Folder, reason, said, until

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.data.dataset import Dataset
from jupyter_ext.core.data.output import OutputFileDatasetConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_ext.core.data.datastore import Datastore
    from jupyter_ext.core.data.file_dataset import FileDataset
    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace

LOOK = """
import os, sys, time
where, stop = sys.argv[1:]
print(sorted(os.listdir(where)), flush=True)
while not os.path.exists(stop):
    time.sleep(0.02)
print(sorted(os.listdir(where)), flush=True)
"""


@pytest.fixture
def store(workspace: Workspace) -> Datastore:
    for name, text in {"t/a.csv": "1", "t/b.csv": "2", "u/c.csv": "3"}.items():
        file = workspace._paths.data / "workspaceblobstore" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    ComputeTarget.create(workspace, "cluster", AmlCompute.provisioning_configuration(max_nodes=3))
    return workspace.get_default_datastore()


@pytest.fixture
def start(folder: Folder, tmp_path: Path) -> Callable[[FileDataset, str], Run]:
    """Start a run that looks at its data twice: at once, and when a file of its name is there."""

    def begin(data: FileDataset, name: str) -> Run:
        mounted = data.as_named_input("x").as_mount(str(tmp_path / "shared"))
        arguments = [mounted, str(tmp_path / name)]
        return folder.submit(LOOK, arguments=arguments, compute_target="cluster")

    return begin


def test_runs_that_want_the_same_data_at_one_path_share_it(
    store: Datastore, start: Callable[[FileDataset, str], Run], tmp_path: Path
) -> None:
    both = Dataset.File.from_files([(store, "t/a.csv"), (store, "t/b.csv")])  # laid out for each run
    link = tmp_path / "shared"
    runs = [start(both, name) for name in ("first", "second", "third")]
    for run in runs:
        until(lambda run=run: "b.csv" in said(run))  # type: ignore[misc] - bound at once
    other = start(Dataset.File.from_files((store, "u")), "other")
    assert link.is_symlink()
    for name, run in zip(("first", "third", "second"), (runs[0], runs[2], runs[1]), strict=True):
        assert run.get_status() == "Running"
        (tmp_path / name).touch()
        assert run.wait_for_completion()["status"] == "Completed"
        assert said(run).splitlines() == ["['a.csv', 'b.csv']"] * 2
    (tmp_path / "other").touch()
    other.wait_for_completion(raise_on_error=False)
    assert other.get_status() == "Completed" or "has other data there until it ends" in reason(other)
    assert not os.path.lexists(link)


def test_other_data_at_a_path_that_a_run_has_is_refused(
    store: Datastore, start: Callable[[FileDataset, str], Run], folder: Folder, tmp_path: Path
) -> None:
    first = start(Dataset.File.from_files((store, "t")), "first")
    until(lambda: "a.csv" in said(first))
    second = start(Dataset.File.from_files((store, "u")), "second")
    output = OutputFileDatasetConfig("o", (store, "o"), source=str(tmp_path / "shared")).as_upload()
    third = folder.submit("print(1)", arguments=[output], compute_target="cluster")
    for run in (second, third):
        run.wait_for_completion(raise_on_error=False)
        assert f"run {first.id} has other data there until it ends. Choose another path_on_compute" in reason(run)
    (tmp_path / "first").touch()
    first.wait_for_completion()
    assert not (tmp_path / "shared").is_symlink()


def test_what_a_killed_run_has_left_gives_way(
    workspace: Workspace, store: Datastore, start: Callable[[FileDataset, str], Run], tmp_path: Path
) -> None:
    (tmp_path / "first").touch()
    (tmp_path / "shared").symlink_to(workspace._paths.runs / "gone" / "data" / "x")
    run = start(Dataset.File.from_files([(store, "t/a.csv"), (store, "t/b.csv")]), "first")
    run.wait_for_completion()
    assert "b.csv" in said(run)
    assert not os.path.lexists(tmp_path / "shared")


def test_a_place_that_is_taken(store: Datastore, start: Callable[[FileDataset, str], Run], tmp_path: Path) -> None:
    (tmp_path / "shared").write_text("mine")
    run = start(Dataset.File.from_files((store, "t")), "first")
    run.wait_for_completion(raise_on_error=False)
    assert "something else is there" in reason(run)
    assert (tmp_path / "shared").read_text() == "mine"
