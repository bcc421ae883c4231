"""Runs that are deleted for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parts.submitting import Folder, until

from jupyter_ext.core.models.model import Model
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.locks import is_locked

if TYPE_CHECKING:
    from pathlib import Path

WRITES = "open('outputs/model.pt', 'w').write('model')"


def test_a_run_goes_with_all_but_its_models(folder: Folder) -> None:
    run = folder.submit(WRITES)
    run.wait_for_completion()
    model = run.register_model("birds", "outputs/model.pt")
    root = run.paths.root
    until(lambda: not is_locked(run.paths.runner_lock))
    gone = run.delete()
    assert (gone.id, gone.folder, gone.children, gone.models) == (run.id, str(root), [], ["birds:1"])
    assert gone.size > 0
    assert not root.exists()
    assert not folder.experiment.workspace._paths.deleted.exists()
    assert list(folder.experiment.get_runs()) == []
    assert folder.experiment.workspace._catalogue.find_run(run.id) is None
    with pytest.raises(UserErrorException, match="There is no run"):
        folder.experiment.workspace.get_run(run.id)
    (file,) = Model(folder.experiment.workspace, model.name).get_sas_urls()
    assert file.endswith("model.pt")


def test_a_live_run_is_refused_with_the_remedy(folder: Folder) -> None:
    run = folder.submit("import time\ntime.sleep(60)")
    with pytest.raises(UserErrorException, match=rf"cancel it first \(%aml cancel {run.id}\)"):
        run.delete()
    run.cancel()
    run.wait_for_completion(raise_on_error=False)
    until(lambda: not is_locked(run.paths.runner_lock))
    run.delete()
    assert not run.paths.root.exists()


def test_a_run_that_another_has_just_deleted(folder: Folder) -> None:
    run = folder.submit(WRITES)
    run.wait_for_completion()
    other = folder.experiment.workspace.get_run(run.id)
    until(lambda: not is_locked(run.paths.runner_lock))
    run.delete()
    with pytest.raises(UserErrorException, match=r"is gone: .* was deleted"):
        other.delete()


def test_children_go_with_it_and_hold_it_while_they_live(folder: Folder) -> None:
    parent = folder.experiment.start_logging(snapshot_directory=None)
    child = parent.child_run("one")
    grandchild = child.child_run("two")
    grandchild.complete()
    child.complete()
    with pytest.raises(UserErrorException, match="which goes on"):
        child.delete()
    live = parent.child_run("three")
    parent.complete()
    with pytest.raises(UserErrorException, match=f"Its child {live.id} has not ended"):
        parent.delete()
    live.complete()
    gone = parent.delete()
    assert set(gone.children) == {child.id, grandchild.id, live.id}
    assert list(folder.experiment.get_runs(include_children=True)) == []
    assert _left(folder.experiment.workspace._paths.runs) == []


def test_what_a_killed_delete_has_left_goes_with_the_next(folder: Folder) -> None:
    run = folder.experiment.start_logging(snapshot_directory=None)
    run.complete()
    left = folder.experiment.workspace._paths.deleted / "half"
    left.mkdir(parents=True)
    (left / "file").write_text("x")
    run.delete()
    assert not left.exists()


def test_a_link_in_its_folder_leads_nowhere(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_text("kept")
    run = folder.experiment.start_logging(snapshot_directory=None)
    (run.paths.outputs).mkdir(exist_ok=True)
    (run.paths.outputs / "link").symlink_to(tmp_path / "kept")
    run.complete()
    run.delete()
    assert (tmp_path / "kept/file").read_text() == "kept"


def _left(runs: Path) -> list[str]:
    return [entry.name for entry in runs.iterdir()]
