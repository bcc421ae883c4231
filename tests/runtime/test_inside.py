"""Scripts inside a run, as processes of their own."""

import json
import os
import pathlib
import subprocess
import sys

import pytest
from in_run import INSIDE, Inside

BEGIN = "from azureml.core import Run\nrun = Run.get_context()\n"


def test_names_and_places(inside: Inside, any_python: str) -> None:
    log = inside.run(
        BEGIN + "assert run is Run.get_context(allow_offline=False) is Run.get_context()\n"
        "e = run.experiment\nw = e.workspace\n"
        "print([run.id, run.name, run.display_name, run.type, run.number, run.parent, run.status])\n"
        "print([e.name, w.name, w.subscription_id, w.resource_group, w.location])\n"
        "print(repr(w), run.tags, run.properties, run.get_environment())\n"
        "print(repr(run))\n",
        python=any_python,
    )
    assert log.splitlines() == [
        "['bird_1_abc', 'red_bird', 'red_bird', 'azureml.scriptrun', 7, None, 'NotStarted']",
        "['birds', 'lab', 's', 'g', 'local']",
        "Workspace.create(name='lab', subscription_id='s', resource_group='g') {'a': '1'} {'p': '1'} {'name': 'env'}",
        "Run(Experiment: birds,",
        "Id: bird_1_abc,",
        "Type: azureml.scriptrun,",
        "Status: NotStarted)",
    ]


def test_everything_that_is_logged(inside: Inside, any_python: str) -> None:
    log = inside.run(
        BEGIN + "run.log('loss', 0.5, step=1)\nrun.log('loss', float('nan'), 'd')\n"
        "run.log_list('l', range(3))\nrun.log_row('r', x=1)\nrun.log_table('t', {'x': [1, 2]})\n"
        "run.log_residuals('p', {'data': {'bin_edges': [0, 1], 'bin_counts': [2]}})\n"
        "run.tag('k', 1)\nrun.add_properties({'q': 1})\n"
        "open('outputs/x', 'w').write('x')\nrun.upload_file('outputs/x', 'outputs/x')\n"
        "run.display_name = 'blue'\nrun.description = 'text'\nrun.flush()\n"
        "print(sorted(run.get_metrics()), run.name, run.description, run.tags, run.properties)\n"
        "print(run.get_metrics('l'), run.get_file_names())\n",
        python=any_python,
    )
    assert log.splitlines() == [
        "['l', 'loss', 'p', 'r', 't'] blue text {'a': '1', 'k': '1'} {'p': '1', 'q': '1'}",
        "{'l': [0, 1, 2]} ['outputs/x', 'p', 'user_logs/std_log.txt']",
    ]
    assert len(inside.lines("metrics.jsonl")) == 6


def test_the_status_is_not_the_scripts_to_set(inside: Inside) -> None:
    inside.run(
        BEGIN + "import warnings\nwarnings.simplefilter('error')\n"
        "with run:\n    run.complete()\nrun.fail('it broke', 'E1')\n"
        "try:\n    run.cancel()\nexcept UserWarning as warning:\n    run.tag('warned', warning)\n"
    )
    events = inside.lines("events.jsonl")
    assert not any("status" in event for event in events)
    assert events[0]["note"] == "E1: it broke"
    assert "sys.exit()" in events[1]["tags"]["warned"]


def test_a_point_is_in_the_file_when_log_returns(inside: Inside) -> None:
    inside.run(
        BEGIN + "import os\nfor n in range(1000):\n    run.log('n', n)\nos.kill(os.getpid(), 9)\n",
        code=-9,
    )
    assert [record["v"] for record in inside.lines("metrics.jsonl")] == list(range(1000))


def test_ranks_and_forks_write_whole_lines(inside: Inside) -> None:
    script = (
        BEGIN + "import multiprocessing\n"
        "def work(k):\n    for n in range(2000):\n        run.log('n%d' % k, n, 'x' * 200)\n"
        "if __name__ == '__main__':\n"
        "    children = [multiprocessing.get_context('fork').Process(target=work, args=(k,)) for k in range(3)]\n"
        "    [child.start() for child in children]\n    [child.join() for child in children]\n"
    )
    inside.run(script, AML_RANK="1")
    records = inside.lines("metrics.jsonl")
    assert len(records) == 6000
    assert {record["r"] for record in records} == {1}
    assert all([r["v"] for r in records if r["n"] == f"n{k}"] == list(range(2000)) for k in range(3))


def test_child_runs(inside: Inside, any_python: str) -> None:
    log = inside.run(
        BEGIN + "import sys\n"
        "with run.child_run(name='fold 1') as child:\n"
        "    child.log('loss', 1)\n    child.upload_file('script', 'script.py')\n    child.tag('fold', 1)\n"
        "try:\n"
        "    with run.child_run() as failed:\n        failed.log('loss', 2)\n        raise ValueError('bad fold')\n"
        "except ValueError: pass\n"
        "try:\n"
        "    with run.child_run() as left:\n        sys.exit(0)\n"
        "except SystemExit: pass\n"
        "canceled = run.child_run(run_id='mine')\ncanceled.cancel()\n"
        "open_ = run.child_run()\n"
        "print(child.name, child.parent == run, child.parent.id, child.status, failed.status, left.status)\n"
        "print([c.id == 'mine' for c in run.get_children()], [c.number for c in run.get_children()])\n"
        "print([c.name for c in run.get_children(tags={'fold': '1'})], len(list(run.get_children(status='Failed'))))\n"
        "print(sorted(map(str, run.get_metrics(recursive=True).values())))\n"
        "print([c.tags for c in run.create_children(tag_key='t', tag_values=[5, 6])])\n"
        "try: run.child_run(run_id='mine')\n"
        "except Exception as error: print(error.message)\n"
        "try: run.child_run(run_id='../x')\n"
        "except Exception as error: print(error.message)\n",
        python=any_python,
    )
    assert log.splitlines() == [
        "red_bird>fold 1 True bird_1_abc Completed Failed Completed",
        "[False, True, False, False, False] [5, 4, 3, 2, 1]",
        "['red_bird>fold 1'] 1",
        "[\"{'loss': 1}\", \"{'loss': 2}\"]",
        "[{'azureml.batch_child_number': '0', 't': '5'}, {'azureml.batch_child_number': '1', 't': '6'}]",
        "There is a child run 'mine' already; use another run_id.",
        "'../x' cannot be the id of a run; use letters, digits, - and _.",
    ]
    folders = list((inside.path / "children").iterdir())
    assert len(folders) == 7
    for folder in folders:
        assert (folder / "outputs").is_dir()
        assert json.loads((folder / "run.json").read_text())["parent"] == "bird_1_abc"
        last = json.loads((folder / "events.jsonl").read_text().splitlines()[-1])
        assert last["status"] in {"Completed", "Failed", "Canceled"}  # the script has ended


def test_children_that_an_error_leaves_open_fail(inside: Inside) -> None:
    inside.run(BEGIN + "run.child_run(run_id='c')\nraise ValueError('no')\n", code=1)
    assert inside.lines("children/c/events.jsonl")[-1]["reason"] == "ValueError: no"


def test_only_whoever_has_made_a_child_ends_it(inside: Inside, any_python: str) -> None:
    helper = "from azureml.core import Run; Run.get_context().child_run(run_id='helpers').child_run(run_id='below')"
    log = inside.run(
        BEGIN + "import subprocess, sys\nchild = run.child_run(run_id='own')\n"
        f"subprocess.run([sys.executable, '-c', {helper!r}], check=True)\n"
        "helpers = next(c for c in run.get_children(recursive=True) if c.id == 'helpers')\n"
        "print(child.status, helpers.status, [c.status for c in helpers.get_children()])\n",
        python=any_python,
    )
    assert log.splitlines() == ["Running Completed ['Completed']"]
    assert inside.lines("children/own/events.jsonl")[-1]["status"] == "Completed"


def test_parents(inside: Inside) -> None:
    inside.ask(parent="other")
    log = inside.run(
        BEGIN + "print(run.parent.id)\ntry: run.parent.log('x', 1)\nexcept AttributeError as error: print(error)\n"
    )
    assert log.startswith("other\nlog of run other is not available")
    beside = Inside(inside.path.parent / "other")
    beside.ask(run_id="other")
    inside.run(BEGIN + "run.parent.log('x', 1)\n")
    assert beside.lines("metrics.jsonl")[0]["n"] == "x"


def test_datasets_and_details(inside: Inside) -> None:
    inside.path.joinpath("events.jsonl").write_text('{"t":1763600000.25,"status":"Running"}\n')
    log = inside.run(
        BEGIN + "import json\nprint(json.dumps([run.input_datasets, run.output_datasets, run.get_details()]))\n",
        AZUREML_DATASET_ENVIRONMENT_VARS="birds:mount,table:direct,gone:mount",
        birds="/data/birds",
        table="id-1",
        AZUREML_DATASET_FILE_OUTPUTS="result",
        result="/out",
    )
    inputs, outputs, details = json.loads(log)
    assert inputs == {"birds": "/data/birds", "table": "id-1"}
    assert outputs == {"result": "/out"}
    assert details["runId"] == "bird_1_abc"
    assert details["status"] == "Running"
    assert details["startTimeUtc"] == "2025-11-20T00:53:20.250000Z"
    assert "endTimeUtc" not in details
    assert details["runDefinition"] == {"script": "train.py"}
    assert list(details["logFiles"]) == ["user_logs/std_log.txt"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("run.wait_for_completion()", "cannot wait for its own run"),
        ("child = run.child_run(); child.fail('sad'); child.wait_for_completion()", "Activity Failed:\nsad"),
        ("run.submit_child(None)", "call it in the notebook, on the same run"),
        ("run.experiment.workspace.datasets", "is not available inside a run"),
        ("run.experiment.submit", "is not available inside a run"),
        ("run.no_such_name", "has no attribute 'no_such_name'"),
        ("run.create_children()", "either a count"),
        ("run.create_children(101)", "1 to 100 runs"),
        ("import azureml.core; azureml.core.Environment", "azureml.core.Environment is not available inside a run"),
        ("from azureml.core import Workspace", "azureml.core.Workspace is not available inside a run"),
        ("from azureml.core import NoSuchName", "cannot import name"),
    ],
)
def test_what_is_not_there_says_so(inside: Inside, line: str, message: str) -> None:
    assert message in inside.run(BEGIN + line, code=1)


def test_what_a_script_reads_of_itself(inside: Inside) -> None:
    log = inside.run(
        BEGIN + "from azureml.core import Run\nprint(Run.get_submitted_run() is run, run.get_snapshot_id())\n"
        "print(run.get_detailed_status(), run.get_portal_url().startswith('file:///'))\n"
        "with run.child_run() as child: pass\nprint(child.wait_for_completion()['status'])\n"
    )
    assert log == "True None\n{'status': 'NotStarted', 'details': None} True\nCompleted\n"


def test_a_run_directory_that_cannot_be_reached(inside: Inside) -> None:
    log = inside.run(BEGIN, code=1, AML_RUN_DIR="/no/such/run")
    assert "RunEnvironmentException" in log
    assert "Is the folder shared with this machine?" in log


def test_a_full_disk_delays_points(small_disk: pathlib.Path) -> None:
    inside = Inside(small_disk / "run")
    log = inside.log = small_disk.parent / "log"  # where there is room
    inside.run(
        BEGIN + "import os\nrun.log('a', 1)\nfill = open('../fill', 'wb', 0)\n"
        "try:\n    while True: fill.write(b'x' * 512)\nexcept OSError: pass\n"
        "for n in range(2000): run.log('a', n)\n"
        "try: run.flush(0.1)\nexcept Exception as error: text = error.message\n"
        "os.remove('../fill'); fill.close()\n"
        "run.flush()\nprint(text)\n"
    )
    assert [record["v"] for record in inside.lines("metrics.jsonl")] == [1, *range(2000)]
    assert "metrics cannot be written (No space left on device)" in log.read_text()
    assert "is the disk full?" in log.read_text()


def outside(script: str) -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AML_", "AZUREML_"))}
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**environment, "PYTHONPATH": str(INSIDE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_offline_prints_as_in_v1() -> None:
    done = outside(
        BEGIN + "assert run is Run.get_context()\nprint(run.id)\n"
        "run.log('a', 1)\nrun.log_list('l', [1, 2])\nrun.log_row('r', x=1, y=2)\nrun.log_table('t', {'x': [1]})\n"
        "run.tag('k', 'v')\nrun.set_tags({'a': 1})\nrun.add_properties({'p': 1})\n"
        "run.upload_file('n', 'p')\nrun.upload_folder('n', 'p')\n"
        "run.complete()\nrun.fail('boom')\nrun.flush()\nwith run: pass\n"
    )
    first, *lines = done.stdout.splitlines()
    assert first.startswith("OfflineRun_")
    assert [line.replace(first, "<ID>") for line in lines] == [
        "Attempted to log scalar metric a:",
        "1",
        "Attempted to log list metric l:",
        "[1, 2]",
        "Attempted to log row metric r:",
        "{'x': 1, 'y': 2}",
        "Attempted to log table metric t:",
        "{'x': [1]}",
        "Attempted to add tag k with value v",
        "Attempted to set tags {'a': 1}",
        "Attempted to add properties {'p': 1}",
        "Attempted to track file n at p",
        "Attempted to track folder n at p",
        "Run failed with error code None:",
        "boom",
        "Attempted to flush run with id <ID>",
        "[START] Run <ID> context",
        "[STOP] Run <ID> context",
    ]


def test_the_offline_run_has_what_v1s_has() -> None:
    done = outside(BEGIN + "print(*sorted(name for name in dir(run) if not name.startswith('_')))\n")
    names = done.stdout.split()
    assert [name for name in names if not name.startswith(("log", "upload"))] == [
        *("DELIM", "add_properties", "cancel", "child_run", "complete"),
        *("fail", "flush", "id", "identity", "set_tags", "tag"),
    ]
    assert [name for name in names if name.startswith(("log", "upload"))] == [
        *("log", "log_accuracy_table", "log_confusion_matrix", "log_image", "log_list", "log_predictions"),
        *("log_residuals", "log_row", "log_table", "upload_file", "upload_files", "upload_folder"),
    ]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("run.log('a', 1, step=1)", "TypeError"),
        ("run.get_metrics()", "AttributeError"),
        ("run.experiment", "AttributeError"),
        ("Run.get_context(allow_offline=False)", "RunEnvironmentException"),
    ],
)
def test_what_fails_offline(line: str, error: str) -> None:
    done = outside(BEGIN + line)
    assert done.returncode == 1
    assert error in done.stderr


PACKAGES = {
    "a namespace": {"azureml/other/__init__.py": "VALUE = 5"},
    "a package": {
        "azureml/__init__.py": "__path__ = __import__('pkgutil').extend_path(__path__, __name__)",
        "azureml/other/__init__.py": "VALUE = 5",
        "azureml/core/__init__.py": "Run = 'the real one'",
        "azureml/core/other.py": "VALUE = 6",
    },
    "a plain package": {"azureml/__init__.py": "", "azureml/other/__init__.py": "VALUE = 5"},
}


@pytest.mark.parametrize("kind", PACKAGES)
def test_installed_azureml_packages_stay(inside: Inside, tmp_path: pathlib.Path, any_python: str, kind: str) -> None:
    for name, text in PACKAGES[kind].items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    log = inside.run(
        BEGIN + "import azureml.other\nfrom azureml.exceptions import UserErrorException\n"
        "print(azureml.other.VALUE, run.id, UserErrorException.__module__)\n",
        python=any_python,
        PYTHONPATH=f"{INSIDE}{os.pathsep}{tmp_path / 'site'}",
    )
    assert log == "5 bird_1_abc jupyter_aml_run.exceptions\n"


def test_import_is_light(inside: Inside) -> None:
    """A script that only logs does not pay for what it does not use."""
    log = inside.run(
        "import sys\nbefore = set(sys.modules)\n" + BEGIN + "run.log('a', 1)\nprint(*set(sys.modules) - before)\n"
    )
    assert not {"logging", "subprocess", "threading", "multiprocessing", "shutil", "uuid"} & set(log.split())
