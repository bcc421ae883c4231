"""Children, snapshots, secrets and lists of runs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import GeneratorType

import pytest
from parts.submitting import Folder

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.runs.script_run import ScriptRun
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException, UserErrorException


@pytest.fixture
def experiment(workspace: Workspace, in_folder: Path) -> Experiment:
    del in_folder
    return Experiment(workspace, "exp")


def begun(experiment: Experiment) -> Run:
    return experiment.start_logging(snapshot_directory=None, outputs=False)


def test_a_tree_of_runs(experiment: Experiment, folder: Folder) -> None:
    with begun(experiment) as run:
        one, two = run.create_children(tag_key="fold", tag_values=["a", "b"])
        three = run.create_children(1)[0]
        below = one.child_run("deep")
        submitted = run.submit_child(folder.config("print(1)"), tags={"fold": "c"})
        assert isinstance(submitted, ScriptRun)
        submitted.wait_for_completion()
        for child in (below, one, two, three):
            assert child.get_status() == "Running"
            child.complete()
    assert [child.tags for child in (one, two, three)] == [
        {"azureml.batch_child_number": "0", "fold": "a"},
        {"azureml.batch_child_number": "1", "fold": "b"},
        {"azureml.batch_child_number": "0"},
    ]
    assert below.display_name == f"{one.display_name}>deep"
    assert submitted.parent == run
    children = run.get_children()
    assert isinstance(children, GeneratorType)
    assert [child.id for child in children] == [submitted.id, three.id, two.id, one.id]
    assert {child.id for child in run.get_children(recursive=True)} == {
        child.id for child in (one, two, three, below, submitted)
    }
    assert [child.id for child in run.get_children(tags={"fold": "b"})] == [two.id]
    assert [child.id for child in run.get_children(type="azureml.scriptrun", status="Completed")] == [submitted.id]
    assert [one.id for one in experiment.get_runs()] == [run.id]
    assert len(list(experiment.get_runs(include_children=True))) == 6
    with pytest.raises(UserErrorException, match="either a count"):
        run.create_children()


def test_runs_of_a_target(folder: Folder, workspace: Workspace) -> None:
    target = ComputeTarget.create(workspace, "cpu-cluster", AmlCompute.provisioning_configuration(max_nodes=1))
    assert isinstance(target, AmlCompute)
    run = folder.running("import time\nprint(1, flush=True)\ntime.sleep(60)", compute_target=target)
    assert [one.id for one in Run.list_by_compute(target)] == [run.id]
    assert [one.id for one in target.get_active_runs(status="Running")] == [run.id]
    run.cancel()
    run.wait_for_completion()
    assert list(target.get_active_runs()) == []
    assert [one.id for one in Run.list_by_compute(target, status="Canceled")] == [run.id]


def test_a_type_of_ones_own(experiment: Experiment, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_ext.core.runs import listing as run_list

    class Special(Run):
        pass

    monkeypatch.setattr(run_list, "providers", {})
    run = folder.submit("print(1)")
    run.wait_for_completion()
    Run.add_type_provider("azureml.scriptrun", Special)
    assert [type(one) for one in experiment.get_runs()] == [Special]
    assert type(experiment.workspace.get_run(run.id)) is Special


def test_snapshots(experiment: Experiment, tmp_path: Path) -> None:
    (tmp_path / "code" / "sub").mkdir(parents=True)
    (tmp_path / "code" / "sub" / "a.py").write_text("a = 1\n")
    with begun(experiment) as run:
        with pytest.raises(SnapshotException, match="has no snapshot"):
            run.restore_snapshot()
        taken = run.take_snapshot(str(tmp_path / "code"))
        assert run.get_snapshot_id() == taken == run.get_properties()["ContentSnapshotId"]
        with pytest.raises(SnapshotException, match="only one"):
            run.take_snapshot(str(tmp_path / "code"))
        archive = run.restore_snapshot(path=str(tmp_path / "back"))
        assert archive == str(tmp_path / "back" / f"{taken}.zip")
        assert zipfile.ZipFile(archive).read("sub/a.py") == b"a = 1\n"
        with pytest.raises(SnapshotException, match="no snapshot nope"):
            run.restore_snapshot("nope")
    with begun(experiment) as other:
        other.take_snapshot(str(tmp_path / "code" / "sub" / "a.py"))
        assert zipfile.ZipFile(other.restore_snapshot(path=str(tmp_path))).namelist() == ["a.py"]
        with pytest.raises(UserErrorException, match=r"no file or folder nowhere"):
            begun(experiment).take_snapshot("nowhere")


def test_the_snapshot_that_start_logging_takes_gives_way_to_one_that_is_asked_for(
    experiment: Experiment, in_folder: Path
) -> None:
    with experiment.start_logging() as run:
        begun_with = run.get_snapshot_id()
        (in_folder / "model.py").write_text("fitted = True\n")
        taken = run.take_snapshot("./")
        assert taken != begun_with
        with pytest.raises(SnapshotException, match=f"has the snapshot {taken}, and a run has only one"):
            run.take_snapshot("./")
    again = Run(experiment, run.id)
    assert again.get_snapshot_id() == taken == again.get_details()["properties"]["ContentSnapshotId"]
    assert zipfile.ZipFile(again.restore_snapshot()).read("model.py") == b"fitted = True\n"


def test_a_submitted_run_keeps_the_snapshot_that_it_ran(folder: Folder) -> None:
    run = folder.submit("print(1)")
    run.wait_for_completion()
    with pytest.raises(SnapshotException, match="only one"):
        run.take_snapshot(str(folder.path))


def test_what_ends_a_notebooks_run_is_its_reason(experiment: Experiment) -> None:
    with pytest.raises(UserErrorException), begun(experiment) as run:
        run.log("numbers", [1, 2])
    told = run.get_details()["error"]["error"]["message"]
    assert told.startswith("UserErrorException: ")
    assert "\n" not in told


def test_a_snapshot_with_links_is_restored(experiment: Experiment, tmp_path: Path) -> None:
    code = tmp_path / "code"
    (code / "sub" / "empty").mkdir(parents=True)
    (code / "sub" / "a.py").write_text("a = 1\n")
    (code / "sub" / "a.py").chmod(0o755)
    (code / "b.py").symlink_to("sub/a.py")
    (code / "folder").symlink_to("sub")
    (code / "gone").symlink_to("sub/nothing")
    with begun(experiment) as run:
        run.take_snapshot(str(code))
        archive = run.restore_snapshot(path=str(tmp_path))
    subprocess.run(["unzip", "-q", archive, "-d", tmp_path / "back"], check=True)
    back = tmp_path / "back"
    assert sorted(str(path.relative_to(back)) for path in back.rglob("*")) == sorted(
        ["b.py", "folder", "gone", "sub", "sub/a.py", "sub/empty"]
    )
    assert (back / "b.py").read_text() == (back / "folder" / "a.py").read_text() == "a = 1\n"
    assert os.access(back / "sub" / "a.py", os.X_OK)
    assert (back / "gone").readlink() == Path("sub/nothing")


def test_cleaning_leaves_what_the_run_made(folder: Folder) -> None:
    folder.write("x", "data.txt")
    run = folder.submit("open('outputs/o.txt', 'w').write('o'); open('scratch', 'w')")
    run.wait_for_completion()
    gone = {Path(path).name for path in run.clean()}
    assert gone == {"train.py", "data.txt", "scratch"}
    assert "outputs/o.txt" in run.get_file_names()
    assert run.clean() == []


def test_what_is_printed_is_kept(experiment: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    with begun(experiment) as run:
        print("kept")
    print("not kept")
    assert capsys.readouterr().out == "kept\nnot kept\n"
    assert (run.paths.logs / "user_log.txt").read_text() == "kept\n"
    assert run.get_file_names() == ["logs/user_log.txt"]


def test_what_outlives_its_run_prints_and_is_kept_no_more(
    experiment: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    with begun(experiment) as run:
        kept = sys.stdout
        print("kept")
    kept.write("not kept\n")
    assert capsys.readouterr().out == "kept\nnot kept\n"
    assert (run.paths.logs / "user_log.txt").read_text() == "kept\n"


def test_runs_that_end_out_of_order_give_stdout_back(experiment: Experiment) -> None:
    before = sys.stdout
    first, second = begun(experiment), begun(experiment)
    first.__enter__()
    second.__enter__()
    first.complete()
    print("of the second alone")
    second.complete()
    assert sys.stdout is before
    assert not (first.paths.logs / "user_log.txt").exists()
    assert (second.paths.logs / "user_log.txt").read_text() == "of the second alone\n"


def test_submitting_and_waiting_at_once(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    run = folder.experiment.submit(folder.config("print('said')"), show_output=True)
    assert run.get_status() == "Completed"
    assert "said\n" in capsys.readouterr().out
    with pytest.raises(TypeError, match="nonsense"):
        folder.experiment.submit(folder.config("print(1)"), nonsense=1)


def test_secrets(workspace: Workspace, folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    vault = workspace.get_default_keyvault()
    vault.set_secret("api-key", "s3cret-value", "text")
    vault.set_secrets({"other": "o"})
    assert vault.list_secrets() == [
        {"name": "api-key", "contentType": "text"},
        {"name": "other", "contentType": None},
    ]
    assert vault.get_secrets(["api-key", "none"]) == {"api-key": "s3cret-value", "none": None}
    assert vault.get_secret_content_type("api-key") == "text"
    with pytest.raises(UserErrorException, match="cannot be a secret's name"):
        vault.set_secret("a b", "x")
    with pytest.raises(UserErrorException, match="is text, not a int"):
        vault.set_secret("a", 1)  # type: ignore[arg-type]
    assert "s3cret" not in capsys.readouterr().out
    files = [file for file in workspace._paths.root.rglob("*") if file.is_file()]
    assert [file for file in files if b"s3cret-value" in file.read_bytes()] == []
    assert all((file.stat().st_mode & 0o777) == 0o600 for file in workspace._paths.secrets.iterdir())
    run = folder.submit(
        "from azureml.core import Run\nrun = Run.get_context()\n"
        "print(run.get_secret('api-key') == 's3cret-' + 'value', run.get_secrets(['none', 'other']))\n"
        "print(run.experiment.workspace.get_default_keyvault().get_secret('other'))\n"
    )
    run.wait_for_completion()
    assert (run.paths.user_logs / "std_log.txt").read_text() == "True {'none': None, 'other': 'o'}\no\n"
    assert run.get_secret("other") == "o"
    held = [file for file in run.paths.root.rglob("*") if file.is_file() and b"s3cret-value" in file.read_bytes()]
    assert held == []
    vault.delete_secrets(["api-key", "other", "never"])
    assert (vault.list_secrets(), vault.get_secret("api-key")) == ([], None)


def test_models_inside_a_run(workspace: Workspace, folder: Folder) -> None:
    run = folder.submit(
        "import os\nfrom azureml.core import Model, Run\nrun = Run.get_context()\n"
        "os.makedirs('outputs/net'); open('outputs/net/w.bin', 'w').write('w'); open('side.txt', 'w').write('s')\n"
        "model = run.register_model('net', 'outputs/net', tags={'a': '1'})\n"
        "print(model.id, model.run_id == run.id, Model(run.experiment.workspace, 'net').tags)\n"
        "print(Model.register(run.experiment.workspace, 'side.txt', 'net').version)\n"
        "path = Model.get_model_path('net', 1); print(path, os.listdir(path))\n"
        "print(Model.get_model_path('net'), open(Model.get_model_path('net')).read())\n"
        "print(Model(None, 'net', version=1).download('there'), [m.version for m in Model.list(name='net')])\n"
        "for bad in (lambda: Model(None, 'nope'), lambda: run.register_model('net', 'outputs/nope'),\n"
        "            lambda: Model.get_model_path('net', 7), lambda: run.register_model('a b', 'outputs/net')):\n"
        "    try: bad()\n    except Exception as error: print(type(error).__name__, error.message)\n"
        "open('x', 'w'); run.download_file('outputs/net/w.bin', 'got/'); print(open('got/w.bin').read())\n"
    )
    run.wait_for_completion()
    lines = (run.paths.user_logs / "std_log.txt").read_text().splitlines()
    assert lines[:6] == [
        "net:1 True {'a': '1'}",
        "Registering model net",
        "2",
        "azureml-models/net/1/net ['w.bin']",
        "azureml-models/net/2/side.txt s",
        "there/net [2, 1]",
    ]
    assert lines[6] == (
        "WebserviceException ModelNotFound: there is no model 'nope' in workspace 'test-ws' that fits "
        "(registered: net)."
    )
    assert lines[7].startswith("ModelPathNotFoundException The run has no file or folder 'outputs/nope'")
    assert lines[8].startswith("WebserviceException ModelNotFound: there is no model 'net' version 7")
    assert lines[9].startswith("WebserviceException 'a b' cannot be a model's name")
    assert lines[10] == "w"
    assert workspace.models["net"].run == run


def test_what_scripts_see(folder: Folder) -> None:
    run = folder.submit(
        "import os\nfor name in sorted(os.environ):\n"
        "    if name.startswith(('AZUREML_', 'AZ_BATCHAI', 'MLFLOW_')): print(name, os.environ[name])\n",
        arguments=["--rank", "$AZ_BATCHAI_TASK_INDEX"],
    )
    run.wait_for_completion()
    lines = (run.paths.user_logs / "std_log.txt").read_text().splitlines()
    seen = dict(line.split(" ", 1) for line in lines)
    workspace = run.experiment.workspace
    assert seen["AZUREML_RUN_ID"] == run.id
    assert seen["AZUREML_ARM_PROJECT_NAME"] == "exp"
    assert seen["AZUREML_EXPERIMENT_ID"] == run.experiment.id
    assert seen["AZUREML_WORKSPACE_ID"] == workspace.get_details()["workspaceid"]
    assert seen["AZUREML_TARGET_TYPE"] == "local"
    assert seen["AZUREML_COMMUNICATOR"] == "None"
    assert len(seen["AZUREML_RUN_TOKEN"].split(".")) == 3
    for name in ("SERVICE_ENDPOINT", "RUN_TOKEN_EXPIRY", "ARM_SUBSCRIPTION", "ARM_RESOURCEGROUP", "FRAMEWORK"):
        assert f"AZUREML_{name}" in seen
    assert seen["AZ_BATCHAI_TASK_INDEX"] == "0"
    assert seen["MLFLOW_TRACKING_TOKEN"] == seen["AZUREML_RUN_TOKEN"]
    assert (seen["MLFLOW_RUN_ID"], seen["MLFLOW_EXPERIMENT_NAME"]) == (run.id, "exp")
