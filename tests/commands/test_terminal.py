"""``jupyter aml`` as a user of a terminal meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.core.computes.aml_compute import AmlCompute
from jupyter_ext.core.computes.compute import ComputeTarget
from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.submission.distributed import PyTorchConfiguration
from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.core.workspaces.experiment import Experiment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_ext.core.workspaces.workspace import Workspace

    Aml = Callable[..., subprocess.CompletedProcess[str]]

COMMAND = [sys.executable, "-m", "jupyter_ext.commands.terminal"]


def data(answer: subprocess.CompletedProcess[str]) -> Any:
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_it_is_a_command_of_jupyter(workspace: Workspace) -> None:
    assert workspace
    answer = subprocess.run(
        [sys.executable, "-m", "jupyter", "aml", "runs"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "one_1" in answer.stdout


def test_runs_are_lines_newest_first(aml: Aml) -> None:
    lines = aml("runs").stdout.splitlines()
    assert lines[0].split() == ["STATUS", "RUN", "EXPERIMENT", "CREATED", "RAN", "WHAT"]
    assert "two_1" in lines[1]
    assert "ValueError: shape mismatch" in lines[1]
    assert "\x1b" not in lines[1]
    assert "one_1" in lines[2]
    assert "train.py --lr 0.1" in lines[2]


def test_runs_can_be_chosen(aml: Aml) -> None:
    assert [run["run_id"] for run in data(aml("runs", "--json", "--experiment", "one"))] == ["one_1"]
    assert [run["run_id"] for run in data(aml("runs", "--json", "--status", "Failed"))] == ["two_1"]
    assert len(data(aml("runs", "--json", "--limit", "1"))) == 1
    assert data(aml("runs", "--json", "--experiment", "none")) == []
    assert "Did you mean 'one'?" in aml("runs", "--experiment", "oen").stdout


def test_a_run_is_named_by_its_id_its_beginning_or_last(aml: Aml) -> None:
    for name in ("two_1", "tw", "@last"):
        assert data(aml("show", name, "--json"))["runId"] == "two_1"


def test_show_tells_all(aml: Aml) -> None:
    shown = aml("show", "one").stdout
    for text in ("Completed", "one_1", "loss", "outputs/model.txt", "second line", "Snapshot"):
        assert text in shown
    assert "\x1b]" not in shown
    assert data(aml("show", "one", "--json"))["metrics"] == {"loss": [1.0, 0.5, 0.1]}


def test_logs_are_the_scripts_own_words(aml: Aml) -> None:
    assert aml("logs", "one").stdout == "first line\nsecond line\n"
    assert aml("logs", "one", "--lines", "1").stdout == "second line\n"
    assert aml("logs", "one", "--lines", "0").stdout == ""
    assert aml("logs", "one", "--lines", "99").stdout == "first line\nsecond line\n"
    assert "first line" in data(aml("logs", "one", "--json"))["text"]
    assert aml("logs", "one", "--file", "system_logs/runner.log").returncode == 0


def test_logs_of_other_ranks_are_told_beside_the_log(workspace: Workspace, aml: Aml, tmp_path: Path) -> None:
    (tmp_path / "ranks.py").write_text("import os\nprint('rank', os.environ['RANK'])\n")
    config = ScriptRunConfig(
        str(tmp_path), "ranks.py", distributed_job_config=PyTorchConfiguration("gloo", process_count=3)
    )
    run = Experiment(workspace, "ranks").submit(config, run_id="ranks_1")
    run.wait_for_completion()
    answer = aml("logs", "ranks")
    assert answer.stdout == "rank 0\n"
    told = "This is user_logs/std_log_process_0.txt; there is more in 2 logs: --file user_logs/std_log_process_1.txt."
    assert answer.stderr == f"{told} 'show' lists them.\n"
    for arguments in (["--file", "user_logs/std_log_process_1.txt"], ["--json"]):
        assert aml("logs", "ranks", *arguments).stderr == ""
    shown = aml("show", "ranks").stdout.splitlines()
    at = shown.index("Logs")
    assert shown[at + 1 : at + 4] == [f"  user_logs/std_log_process_{rank}.txt  7 B" for rank in range(3)]
    run.delete()


def test_logs_can_be_followed_to_the_end(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import time\nfor n in range(4):\n    print(n)\n    time.sleep(0.2)\nprint('end', end='')"
    )
    Experiment(workspace, "slow").submit(ScriptRunConfig(str(tmp_path), "slow.py"), run_id="slow_1")
    answer = subprocess.run(
        [*COMMAND, "logs", "slow", "--follow"], capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout == "0\n1\n2\n3\nend\n"


def test_ctrl_c_while_following_is_quiet_and_the_run_goes_on(workspace: Workspace, tmp_path: Path, aml: Aml) -> None:
    (tmp_path / "long.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(120)")
    run = Experiment(workspace, "long").submit(ScriptRunConfig(str(tmp_path), "long.py"), run_id="long_1")
    with subprocess.Popen(
        [*COMMAND, "logs", "long", "--follow"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == ""
    assert run.get_status() == "Running"
    assert "is being canceled" in aml("cancel", "long").stdout
    assert run.wait_for_completion()["status"] == "Canceled"
    assert "had ended: Canceled" in aml("cancel", "long").stdout


def test_a_reader_that_leaves_is_no_error(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "much.py").write_text("print('x' * 99 + '\\n', end='')\n" + "print(('y' * 99 + '\\n') * 20000)")
    Experiment(workspace, "much").submit(
        ScriptRunConfig(str(tmp_path), "much.py"), run_id="much_1"
    ).wait_for_completion()
    with subprocess.Popen([*COMMAND, "logs", "much"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.wait(30) == 0
        assert process.stderr.read() == b""


def test_compare_tells_what_differs_and_no_more(aml: Aml) -> None:
    different = data(aml("compare", "one", "two", "--json"))["different"]
    assert different["--lr"] == ["0.1", "0.2"]
    assert different["--fail"] == [None, "given"]
    assert different["status"] == ["Completed", "Failed"]
    assert different["metric loss"] == ["0.1", "0.2"]
    assert "script" not in different
    assert "snapshot" not in different


def test_what_a_run_has_not_is_marked(aml: Aml) -> None:
    lines = [line.split() for line in aml("compare", "one", "two").stdout.splitlines()]
    assert ["--fail", "—", "given"] in lines
    assert ["metric", "loss", "0.1", "0.2"] in lines


def test_download_keeps_names(aml: Aml, tmp_path: Path) -> None:
    assert data(aml("download", "one", "--to", "here", "--json")) == ["here/outputs/model.txt"]
    assert (tmp_path / "here/outputs/model.txt").read_text() == "model"
    assert aml("download", "one", "logs/own.txt", "user_logs").returncode == 0
    (folder,) = tmp_path.glob("one*")
    assert (folder / "logs/own.txt").read_text() == "own"
    assert (folder / "user_logs/std_log.txt").exists()


def test_the_registry_of_images(aml: Aml, workspace: Workspace) -> None:
    assert "Images stay on this machine" in aml("registry").stdout
    assert data(aml("registry", "--json")) is None
    named = aml("registry", "set", "https://r.example.com/team/", "--username", "me", "--password-env", "AML_TEST_NONE")
    assert "pushed to r.example.com/team when it is built" in named.stdout
    assert "Set AML_TEST_NONE before a build" in named.stdout
    assert workspace.image_registry == "r.example.com/team"
    shown = aml("registry", "show").stdout
    assert "the environment variable AML_TEST_NONE, which is not set here" in shown
    told = data(aml("registry", "--json"))
    assert (told["address"], told["username"], told["password_is_set"]) == ("r.example.com/team", "me", False)
    assert "what 'docker login' has stored" in aml("registry", "set", "localhost:5000").stdout
    assert "what localhost:5000 has stays there" in aml("registry", "remove").stdout
    assert workspace.image_registry is None
    assert "No registry is named" in aml("registry", "remove").stdout
    assert "is not the address of a registry" in aml("registry", "set", "a b").stderr
    refused = aml("registry", "set", "r.example.com", "--password-env", "X")
    assert (refused.returncode, "needs --username" in refused.stderr) == (1, True)
    assert workspace.image_registry is None


def test_environments_computes_and_models(aml: Aml, workspace: Workspace) -> None:
    assert "No environment is registered yet" in aml("envs").stdout
    assert "No model is registered yet" in aml("models").stdout
    environment = Environment("birds")
    environment.docker.base_image = None
    environment.docker.base_dockerfile = "FROM python:3.11\nRUN true"
    environment.register(workspace)
    ComputeTarget.create(workspace, "small", AmlCompute.provisioning_configuration("STANDARD_D2", max_nodes=3))
    workspace.get_run("one_1").register_model("pt", "outputs/model.txt")
    (birds,) = data(aml("envs", "--json"))
    assert birds["what"].startswith("FROM python:3.11")
    assert (birds["name"], birds["version"], birds["state"], birds["runs"]) == ("birds", "1", "not built", [])
    assert "birds:1" in aml("envs", "birds").stdout
    assert "nothing to prune" in aml("envs", "prune", "--dry-run").stdout
    assert [one["name"] for one in data(aml("compute", "--json"))] == ["local", "small"]
    assert "0 of 3" in aml("compute", "show", "small").stdout
    assert "Did you mean 'small'? Make it with" in aml("compute", "show", "smlal").stderr
    assert "Did you mean 'birds'? %%aml_env makes one." in aml("envs", "brids").stderr
    assert "No model is named 'ptt'. Did you mean 'pt'?" in aml("models", "ptt").stdout
    assert data(aml("models", "pt", "--json"))[0]["run_id"] == "one_1"
    assert "one_1" in aml("models").stdout


def test_copies_of_remote_files_are_pruned(aml: Aml, workspace: Workspace) -> None:
    assert aml("data", "prune").stdout == "There are no copies of remote files to remove.\n"
    copy = workspace._paths.data_cache / "0a" / "0a1"
    copy.mkdir(parents=True)
    (copy / "a.csv").write_bytes(b"1234")
    os.utime(copy, (1, 1))
    assert "1 copy of remote files take 4 B" in aml("doctor").stdout
    assert data(aml("data", "prune", "--dry-run", "--json")) == {"bytes": 4, "files": 1, "kept": 0}
    assert "1 copy of remote files are removed, and gave back 4 B." in aml("data", "prune").stdout
    assert not copy.exists()


def test_a_target_is_added_scaled_and_removed(aml: Aml) -> None:
    added = data(aml("compute", "add", "tiny", "--max-nodes", "2", "--vm-size", "Standard_D2_v2", "--json"))
    assert (added["name"], added["nodes"], added["vm_size"]) == ("tiny", 2, "STANDARD_D2_V2")
    assert added["machine"]["cpus"] >= 1
    with_gpu = aml("compute", "add", "with-gpu", "--max-nodes", "1", "--vm-size", "Standard_NC6_v9", "--json")
    assert (json.loads(with_gpu.stdout)["name"], "STANDARD_NC6_V9" in with_gpu.stderr) == ("with-gpu", True)
    again = aml("compute", "add", "tiny", "--max-nodes", "3")
    assert (again.returncode, "compute scale tiny --max-nodes 3" in again.stderr) == (1, True)
    assert aml("compute", "scale", "tiny", "--max-nodes", "3").stdout == "Runs on tiny have up to 3 nodes now.\n"
    assert "0 of 3" in aml("compute").stdout
    assert aml("compute", "remove", "tiny").stdout == "tiny is removed.\n"
    assert "tiny" not in aml("compute", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["frob"], 2, "invalid choice: 'frob'"),
        (["shwo"], 2, "Did you mean 'show'? Help: jupyter aml --help"),
        (
            ["runs", "--experimnet", "x"],
            2,
            "x. Did you mean '--experiment'? Help: jupyter aml runs --help",
        ),
        (["runs", "--status", "completd"], 1, "Did you mean 'Completed'?"),
        (["compute", "ad"], 2, "Did you mean 'add'?"),
        (["show", "oen_1"], 1, "Did you mean 'one_1'?"),
        (["download", "one", "outputs/modle.txt"], 1, "Did you mean 'outputs/model.txt'?"),
        (["logs", "one", "--file", "user_logs/std_log"], 1, "Did you mean 'user_logs/std_log.txt'?"),
        (["runs", "--workspace", "defualt"], 1, "Did you mean 'default'?"),
        (["runs", "--frob"], 2, "--frob"),
        (["cancel"], 2, "RUN"),
        (["show", "nope"], 1, "There is no run 'nope'"),
        (["runs", "--workspace", "nope"], 1, "There is no workspace 'nope'"),
        (["runs", "--workspace", "../x"], 1, "cannot be a workspace's name"),
        (["compare", "one"], 1, "two runs at least"),
        (["download", "one", "nope"], 1, "has no 'nope'"),
        (["logs", "one", "--file", "../../run.json"], 1, "has no log"),
        (["envs", "nope"], 1, "There is no environment 'nope'"),
        (["envs", "prune", "nope"], 1, "There is no environment 'nope'"),
        (["envs", "--all"], 1, "belong to 'envs prune'"),
        (["compute", "nope"], 2, "invalid choice: 'nope'"),
        (["compute", "show", "nope"], 1, "ComputeTargetNotFound"),
        (["compute", "scale", "nope", "--max-nodes", "2"], 1, "ComputeTargetNotFound"),
        (["compute", "remove", "nope"], 1, "ComputeTargetNotFound"),
        (["compute", "remove", "local"], 1, "'local' is this machine"),
        (["compute", "add", "local", "--max-nodes", "2"], 1, "reserved name"),
        (["compute", "add", "wide", "--max-nodes", "0"], 1, "at least 1"),
        (["compute", "add", "wide"], 2, "--max-nodes"),
    ],
)
def test_what_cannot_be_goes_to_stderr(aml: Aml, arguments: list[str], code: int, told: str) -> None:
    answer = aml(*arguments)
    assert (answer.returncode, answer.stdout) == (code, "")
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_beginning_of_several_runs_is_not_guessed(aml: Aml, workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    for number in (1, 2):
        config = ScriptRunConfig(str(tmp_path), "a.py")
        Experiment(workspace, "same").submit(config, run_id=f"same_{number}").wait_for_completion()
    assert "the beginning of several runs: same_2, same_1" in aml("show", "same").stderr


def test_help_is_complete(aml: Aml) -> None:
    answer = aml("--help")
    verbs = "runs show logs rerun cancel compare envs compute models registry download tensorboard"
    for verb in verbs.split():
        assert verb in answer.stdout
    assert "--follow" in aml("logs", "--help").stdout
    assert aml().stdout == answer.stdout


def test_lines_are_cut_to_the_terminals_width(workspace: Workspace) -> None:
    assert workspace
    pexpect = pytest.importorskip("pexpect")
    output, _ = pexpect.run(
        " ".join([*COMMAND, "runs"]), withexitstatus=True, env={**os.environ, "COLUMNS": "50"}, dimensions=(24, 50)
    )
    lines = output.decode().replace("\r", "").splitlines()
    assert all(len(line) <= 50 for line in lines if line.startswith(("STATUS", "✓", "✕")))
    assert any(line.endswith("…") for line in lines)


def test_a_long_reason_is_abridged_in_the_list(workspace: Workspace, aml: Aml) -> None:
    run = Experiment(workspace, "long-reason").start_logging(run_id="reason_1", snapshot_directory=None, outputs=False)
    run.fail("many\nwords " * 60)
    row = next(line for line in aml("runs", "--experiment", "long-reason").stdout.splitlines() if "reason_1" in line)
    assert row.endswith("…")
    assert row.count("many words") == 10
    assert data(aml("runs", "--experiment", "long-reason", "--json"))[0]["reason"] == "many\nwords " * 60


def test_a_run_is_deleted_once_it_is_agreed_to(aml: Aml, workspace: Workspace) -> None:
    run = Experiment(workspace, "one").start_logging(snapshot_directory=None)
    run.complete()
    for answer in ("n\n", "\n"):
        command = [*COMMAND, "delete", run.id]
        asked = subprocess.run(command, input=answer, capture_output=True, text=True, check=True, timeout=60)
        assert f"{run.id}: {run.paths.root}" in asked.stdout
        assert "Nothing is deleted." in asked.stdout
    nobody = aml("delete", run.id)
    assert nobody.returncode == 1
    assert "add --yes" in nobody.stderr
    assert run.paths.root.exists()
    assert data(aml("delete", run.id, "--yes", "--json"))[0]["id"] == run.id
    assert not run.paths.root.exists()


def test_all_environments_are_removed_once_it_is_agreed_to(aml: Aml, workspace: Workspace) -> None:
    environment = Environment("kept")
    environment.python.conda_dependencies = CondaDependencies.create(python_version="{}.{}".format(*sys.version_info))
    environment.register(workspace).build_local(workspace)
    command = [*COMMAND, "envs", "prune", "--all"]
    asked = subprocess.run(command, input="n\n", capture_output=True, text=True, check=True, timeout=60)
    assert "kept:1: " in asked.stdout
    assert "Nothing is removed." in asked.stdout
    nobody = aml("envs", "prune", "--all")
    assert (nobody.returncode, "add --yes" in nobody.stderr) == (1, True)
    assert data(aml("envs", "kept", "--json"))[0]["state"] == "built"
    assert "kept:1" in aml("envs", "prune", "--all", "--yes").stdout
    assert data(aml("envs", "kept", "--json"))[0]["state"] == "not built"


def test_the_code_of_two_runs_is_compared(aml: Aml) -> None:
    assert aml("compare", "one_1", "two_1", "--code").stdout == "The code is the same.\n"
    assert data(aml("compare", "one_1", "two_1", "--code", "--json"))["same"] == 1
    wrong = aml("compare", "one_1", "--code")
    assert wrong.returncode == 1
    assert "--code takes two runs, and 1 are named." in wrong.stderr
