from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from parts.submitting import Folder, live_runs, until

from jupyter_ext.core.models.model import Model
from jupyter_ext.core.runs.run import Run
from jupyter_ext.core.runs.script_run import ScriptRun
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import (
    ActivityFailedException,
    ExperimentExecutionException,
    ModelPathNotFoundException,
    UserErrorException,
)

SCRIPT = """
import os
from azureml.core import Run
run = Run.get_context()
print("line one")
print("line two")
run.log("once", 0.5)
for value in (3, 2, 1): run.log("loss", value)
run.log_list("one", [5]); run.log_list("list", [5, 6])
run.log_row("row", x=1, y=2.0); run.log_row("rows", x=1, y=2); run.log_row("rows", x=3, y=4)
run.log_table("table", {"x": [1, 2], "y": [3, 4]})
run.log("text", "abc"); run.log("none", None); run.log("flag", True)
run.tag("from", "script")
os.makedirs("outputs/deep", exist_ok=True)
open("outputs/model.txt", "w").write("weights")
open("outputs/deep/more.txt", "w").write("more")
open("logs/events.log", "w").write("log")
open("scratch.txt", "w").write("scratch")
run.upload_file("extra/notes.txt", "scratch.txt")
with run.child_run("kid") as child: child.log("c", 1)
run.child_run("orphan")
"""


@pytest.fixture
def done(folder: Folder) -> Run:
    """A run that has done something of everything."""
    run = folder.submit(SCRIPT)
    run.wait_for_completion()
    return run


def test_metrics_have_v1s_shapes(done: Run) -> None:
    assert done.get_metrics() == {
        "once": 0.5,
        "loss": [3, 2, 1],
        "one": 5,
        "list": [5, 6],
        "row": {"x": 1, "y": 2.0},
        "rows": {"x": [1, 3], "y": [2, 4]},
        "table": {"x": [1, 2], "y": [3, 4]},
        "text": "abc",
        "none": None,
        "flag": True,
    }
    assert done.get_metrics("loss") == {"loss": [3, 2, 1]}
    assert done.get_metrics("nope") == {}


def test_details_have_v1s_keys(done: Run) -> None:
    details = done.get_details()
    assert list(details) == [
        "runId",
        "target",
        "status",
        "startTimeUtc",
        "endTimeUtc",
        "services",
        "properties",
        "inputDatasets",
        "outputDatasets",
        "runDefinition",
        "logFiles",
        "submittedBy",
    ]
    assert (details["runId"], details["status"], details["target"]) == (done.id, "Completed", "local")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", details["startTimeUtc"])
    assert details["properties"]["ContentSnapshotId"] == done.get_snapshot_id()
    assert details["runDefinition"]["script"] == "train.py"
    json.dumps(details)
    assert done.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"] == "line one\nline two\n"


@pytest.mark.usefixtures("in_folder")
def test_files_and_downloads(done: Run) -> None:
    names = done.get_file_names()
    assert {"outputs/model.txt", "outputs/deep/more.txt", "logs/events.log", "extra/notes.txt"} <= set(names)
    assert "scratch.txt" not in names
    done.download_file("outputs/model.txt")
    assert Path("model.txt").read_text() == "weights"
    Path("there").mkdir()
    done.download_file("outputs/model.txt", "there")
    done.download_file("extra/notes.txt", "new/folder/n.txt")
    done.download_file("outputs/model.txt", "slash/")
    assert Path("there/model.txt").read_text() == Path("slash/model.txt").read_text() == "weights"
    assert Path("new/folder/n.txt").read_text() == "scratch"
    with pytest.raises(UserErrorException, match=r"no file 'outputs/nope'.*outputs/model\.txt"):
        done.download_file("outputs/nope")
    for bad in ("../run.json", "run.json", "outputs/../run.json", "/etc/passwd"):
        with pytest.raises(UserErrorException, match="no file"):
            done.download_file(bad)
    done.download_files(prefix="outputs", output_directory="all")
    done.download_files(prefix="outputs/deep", output_directory="flat", append_prefix=False)
    assert sorted(file.as_posix() for file in Path("all").rglob("*.txt")) == [
        "all/outputs/deep/more.txt",
        "all/outputs/model.txt",
    ]
    assert Path("flat/more.txt").exists()
    with pytest.raises(UserErrorException, match="1 output_paths are given for 2 files"):
        done.download_files(prefix="outputs", output_paths=["x"])
    logs = done.get_all_logs()
    assert f"assets/{done.id}/user_logs/std_log.txt" in logs
    assert all(Path(log).is_file() for log in logs)


def test_tags_change_and_properties_do_not(done: Run) -> None:
    done.tag("a", 1)
    done.set_tags({"b": None, "c": "3"})
    done.remove_tags(["c"])
    assert done.tags == {"from": "script", "a": "1", "b": None}
    done.add_properties({"p": "1"})
    with pytest.raises(UserErrorException, match=r"property 'p' is '1'.*use a tag"):
        done.add_properties({"p": "2"})
    assert done.properties["p"] == "1"


def test_children_that_the_script_made(done: Run) -> None:
    children = list(done.get_children())
    assert sorted(child.display_name.split(">")[1] for child in children) == ["kid", "orphan"]
    assert [child.get_status() for child in children] == ["Completed", "Completed"]
    assert all(child.parent == done for child in children)
    assert {child.get_metrics().get("c") for child in children} == {1, None}


def test_how_it_is_shown(done: Run) -> None:
    assert repr(done) == f"Run(Experiment: exp,\nId: {done.id},\nType: azureml.scriptrun,\nStatus: Completed)"
    assert "<table " in done._repr_html_()


def test_it_is_found_again(done: Run, folder: Folder) -> None:
    done.tag("a", 1)
    again = folder.experiment.workspace.get_run(done.id)
    assert again == done
    assert isinstance(again, ScriptRun)
    assert [run.id for run in folder.experiment.get_runs()] == [done.id]
    assert list(folder.experiment.get_runs(tags={"a": "2"})) == []
    assert [run.id for run in folder.experiment.get_runs(tags="a")] == [done.id]
    with pytest.raises(UserErrorException, match="no run nope"):
        folder.experiment.workspace.get_run("nope")


@pytest.mark.usefixtures("in_folder")
def test_models_from_its_files(done: Run) -> None:
    model = done.register_model("birds", "outputs/model.txt", tags={"t": "1"})
    assert (model.name, model.version, model.id, model.run_id) == ("birds", 1, "birds:1", done.id)
    assert (model.experiment_name, model.run) == ("exp", done)
    assert done.register_model("birds", "outputs").version == 2
    assert Path(model.download("m")).read_text() == "weights"
    with pytest.raises(ModelPathNotFoundException, match=r"no file or folder 'outputs/nope'.*outputs/model\.txt"):
        done.register_model("birds", "outputs/nope")


@pytest.mark.usefixtures("in_folder")
def test_a_model_whose_path_is_not_named(folder: Folder) -> None:
    run = folder.running(
        "import os, time\nprint('on', flush=True)\nwhile not os.path.exists('logs/go'): time.sleep(0.02)\n"
        "open('outputs/net', 'w').write('n'); open('outputs/other', 'w')\n"
        "from azureml.core import Run\nprint(Run.get_context().register_model('inside').id)\n"
    )
    threading.Timer(0.2, (run.paths.logs / "go").touch).start()
    assert Path(run.register_model("net").download("m")).read_text() == "n"
    assert sorted(path.name for path in Path(run.register_model("all").download("all")).iterdir()) == ["net", "other"]
    assert [model.version for model in Model.list(run.experiment.workspace, "inside")] == [1]


def test_wait_prints_what_v1_prints(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    run = folder.submit(
        "import time\nfor n in range(3): print('line', n); time.sleep(0.1)\nprint('no newline', end='')\n"
    )
    details = run.wait_for_completion(show_output=True)
    web = f"file://{run.paths.root}"
    assert capsys.readouterr().out == (
        f"RunId: {run.id}\nWeb View: {web}\n\n"
        "Streaming user_logs/std_log.txt\n===============================\n\n"
        "line 0\nline 1\nline 2\nno newline\n\n"
        f"Execution Summary\n=================\nRunId: {run.id}\nWeb View: {web}\n"
    )
    assert details["status"] == "Completed"


def test_a_run_that_fails(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    run = folder.submit(
        "print('\\x1b]0;title\\x07\\x1b[31mred\\x1b[0m')\nraise ValueError('shape \\x1b]0;x\\x07mismatch')\n"
    )
    with pytest.raises(ActivityFailedException, match=r"(?s)Activity Failed:.*ValueError: shape") as caught:
        run.wait_for_completion()
    assert "\x1b" not in caught.value.message
    details = run.wait_for_completion(show_output=True, raise_on_error=False)
    out = capsys.readouterr().out
    assert "\x1b[31mred" in out
    assert "\x1b]" not in out
    assert out.endswith("\nError:\nValueError: shape mismatch (train.py:2)\n")
    assert details["status"] == "Failed"
    assert details["error"]["error"]["message"].startswith("ValueError: shape")
    assert "Traceback" in (run.paths.user_logs / "std_log.txt").read_text()


def test_a_canceled_run_never_raises(folder: Folder) -> None:
    run = folder.running("import time\nprint('on', flush=True)\ntime.sleep(60)\n")
    run.cancel()
    assert run.wait_for_completion()["status"] == "Canceled"
    run.cancel()
    assert run.get_status() == "Canceled"


def test_an_interrupted_wait_leaves_the_run_alone(folder: Folder) -> None:
    run = folder.running("import time\nprint('on', flush=True)\ntime.sleep(60)\n")
    old = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(ExperimentExecutionException, match=r"goes on\. To end it: run\.cancel\(\)"):
            run.wait_for_completion()
    finally:
        signal.signal(signal.SIGALRM, old)
    assert run.get_status() == "Running"


def test_logging_from_the_notebook(workspace: Workspace, in_folder: Path) -> None:
    experiment = Experiment(workspace, "exp")
    (in_folder / "train.py").write_text("1")
    with experiment.start_logging(name="mine") as run:
        assert (run.get_status(), run.type, run.name) == ("Running", None, "mine")
        run.log("a", 1)
        (in_folder / "outputs" / "m.txt").write_text("m")
    assert run.get_status() == "Completed"
    assert run.get_metrics() == {"a": 1}
    assert run.get_file_names() == ["outputs/m.txt"]
    assert run.get_snapshot_id()
    again = workspace.get_run(run.id)
    assert (again.get_status(), type(again)) == ("Completed", Run)


def test_logging_that_fails(workspace: Workspace, in_folder: Path) -> None:
    experiment = Experiment(workspace, "exp")

    def failing() -> None:
        with experiment.start_logging(snapshot_directory=None) as run:
            runs.append(run)
            (in_folder / "outputs" / "part.txt").write_text("p")
            raise ValueError("shape mismatch")

    runs: list[Run] = []
    with pytest.raises(ValueError, match="shape"):
        failing()
    assert runs[0].get_details()["error"]["error"]["message"] == "ValueError: shape mismatch"
    assert runs[0].get_file_names() == ["outputs/part.txt"]
    assert runs[0].get_snapshot_id() is None
    with pytest.raises(SystemExit), experiment.start_logging(snapshot_directory=None, outputs=False) as run:
        sys.exit(0)
    assert run.get_status() == "Completed"


def test_a_child_of_the_notebooks_own_run(workspace: Workspace, in_folder: Path) -> None:
    del in_folder
    with Experiment(workspace, "exp").start_logging(snapshot_directory=None) as run:
        with run.child_run("kid") as child:
            child.log("x", 1)
        assert [one.id for one in run.get_children()] == [child.id]
    assert run.get_metrics(recursive=True) == {child.id: {"x": 1}}
    assert workspace.get_run(child.id).parent == run


def test_a_killed_kernel_fails_its_run(workspace: Workspace, in_folder: Path, home: Path) -> None:
    code = (
        "from jupyter_ext.core.workspaces.workspace import Workspace\n"
        "from jupyter_ext.core.workspaces.experiment import Experiment\n"
        "import sys; run = Experiment(Workspace.get('test-ws'), 'exp').start_logging(snapshot_directory=None)\n"
        "run.log('a', 1); print(run.id, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=in_folder,
        env={**os.environ, "AML_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as kernel:
        assert kernel.stdout
        run = workspace.get_run(kernel.stdout.readline().strip())
        assert run.get_status() == "Running"
        kernel.kill()
    until(lambda: run.get_status() == "Failed")
    assert "ended without completing" in run.get_details()["error"]["error"]["message"]
    assert run.get_metrics() == {"a": 1}
    assert live_runs(workspace._catalogue) == []


def test_canceling_an_abandoned_run_of_a_notebook(workspace: Workspace, in_folder: Path) -> None:
    del in_folder
    run = Experiment(workspace, "exp").start_logging(snapshot_directory=None)
    other = workspace.get_run(run.id)
    other.cancel()
    assert other.get_status() == "Canceled"
    assert live_runs(workspace._catalogue) == []
    run.complete()
    assert (run.get_status(), live_runs(workspace._catalogue)) == ("Canceled", [])


def test_names_and_descriptions_can_be_set(workspace: Workspace, in_folder: Path) -> None:
    del in_folder
    with Experiment(workspace, "exp").start_logging(snapshot_directory=None) as run:
        assert run.display_name == run.id
        run.display_name, run.description = "shown", "about"
        assert (run.name, run.description) == ("shown", "about")


def test_the_line_of_numbers(workspace: Workspace, in_folder: Path) -> None:
    del in_folder
    experiment = Experiment(workspace, "exp")
    runs = [experiment.start_logging(snapshot_directory=None) for _ in range(3)]
    assert [run.number for run in runs] == [1, 2, 3]
    assert [run.id for run in experiment.get_runs()] == [run.id for run in reversed(runs)]
    for run in runs:
        run.complete()


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize("run_id", ["../../../escaped/run", "a/b", "/escaped", "..", "", "a b", "a" * 256, 3])
def test_an_id_that_could_lead_elsewhere(workspace: Workspace, tmp_path: Path, run_id: Any) -> None:
    experiment = Experiment(workspace, "exp")
    before = {*tmp_path.rglob("*")}
    with pytest.raises(UserErrorException, match="cannot be a run id"):
        experiment.start_logging(run_id=run_id, snapshot_directory=None, outputs=False)
    assert {*tmp_path.rglob("*")} == before
    with experiment.start_logging(run_id="mine", snapshot_directory=None, outputs=False) as run:
        with pytest.raises(UserErrorException, match="cannot be a run id"):
            run.child_run(run_id=run_id)
        assert not run.paths.children.exists()


@pytest.mark.usefixtures("in_folder")
def test_links_that_lead_out_of_the_run(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").write_text("of the host")
    with Experiment(workspace, "exp").start_logging(snapshot_directory=None, outputs=False) as run:
        outputs = run.paths.outputs
        (outputs / "saved").mkdir()
        (outputs / "saved" / "model.pt").write_text("weights")
        (outputs / "saved" / "latest.pt").symlink_to("model.pt")
        for folder in (outputs, outputs / "saved", run.paths.logs):
            (folder / "secret").symlink_to(tmp_path / "elsewhere" / "secret")
            (folder / "folder").symlink_to(tmp_path / "elsewhere")
            (folder / "handed").symlink_to(run.paths.run_json)
    assert run.get_file_names() == ["outputs/saved/latest.pt", "outputs/saved/model.pt"]
    for name in ("outputs/secret", "outputs/folder/secret", "outputs/handed"):
        with pytest.raises(UserErrorException, match="leads out of"):
            run.download_file(name)
        with pytest.raises(ModelPathNotFoundException):
            run.register_model("m", name)
    run.download_files(output_directory="all")
    run.get_all_logs("all")
    model = run.register_model("m", "outputs/saved")
    assert Path(model.download("model")).is_dir()
    for folder in ("all/outputs/saved", "model/saved"):
        assert sorted(file.name for file in Path(folder).iterdir()) == ["latest.pt", "model.pt"]
    assert [file.name for file in Path("all").rglob("*") if file.is_file() and file.name != "model.pt"] == ["latest.pt"]
