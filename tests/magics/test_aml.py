"""``%aml`` in a real kernel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from parts.kernel import Kernel


@pytest.fixture(scope="module", autouse=True)
def _two_runs(cell: Kernel) -> None:
    cell.ok("%aml_submit --experiment first --wait train.py --lr 0.1")
    cell.run("%aml_submit --experiment second --wait train.py --lr 0.2 --fail")


def test_runs_are_a_table_in_html_and_text(cell: Kernel) -> None:
    shown = cell.ok("%aml runs").displays[-1]
    assert "<table>" in shown["text/html"]
    lines = shown["text/plain"].splitlines()
    assert lines[0].split()[:2] == ["STATUS", "RUN"]
    assert "second_" in lines[1]
    assert "ValueError: shape mismatch" in lines[1]
    assert "first_" in lines[2]


def test_json_is_for_programs(cell: Kernel) -> None:
    (run,) = json.loads(cell.ok("%aml runs --json --experiment first").text)
    assert run["status"] == "Completed"
    assert run["command"] == "train.py --lr 0.1"


def test_show_is_the_monitor(cell: Kernel) -> None:
    assert "application/vnd.jupyter.widget-view+json" in cell.ok("%aml show first").displays[-1]
    assert json.loads(cell.ok("%aml show first --json").text)["metrics"] == {"loss": 0.5}


def test_compare_tells_what_differs(cell: Kernel) -> None:
    ran = cell.ok("%aml compare first second")
    named = ran.displays[-1]["application/vnd.jupyter-aml.compare+json"]
    assert [run["id"].partition("_")[0] for run in named["runs"]] == ["first", "second"]
    shown = ran.shown
    assert "--lr" in shown
    assert "0.1" in shown
    assert "0.2" in shown
    assert "metric loss" not in shown


def test_what_a_script_prints_is_text(cell: Kernel) -> None:
    cell.run("%%aml_submit --experiment hostile --wait\nraise ValueError('<script>alert(1)</script>\\x1b]0;x\\x07')")
    shown = cell.ok("%aml runs --limit 1").displays[-1]
    assert "<script>" not in shown["text/html"]
    assert "&lt;script&gt;" in shown["text/html"]
    assert "\x1b" not in shown["text/plain"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("%aml frob", "invalid choice: 'frob'"),
        ("%aml compute attach far", "required: --ray. Help: %aml compute attach --help"),
        ("%aml show nope", "There is no run 'nope'"),
        ("%aml compare first", "two runs at least"),
        ("%aml runs --limit 0", "at least 1"),
        ("%aml runs --status Walking", "no state 'Walking'"),
        ("%aml download first nope", "has no 'nope'"),
        ("%aml logs first --file nope", "has no log 'nope'"),
        ("%aml runs --workspace nope", "There is no workspace 'nope'"),
    ],
)
def test_what_cannot_be_is_one_message(cell: Kernel, line: str, told: str) -> None:
    failed = cell.run(line)
    assert told in failed.message
    assert failed.error is not None
    assert len(failed.error["traceback"]) == 1


def test_help_is_complete(cell: Kernel) -> None:
    for text in (cell.ok("%aml?").help, cell.ok("%aml").text, cell.ok("%aml --help").text):
        for verb in (
            "runs",
            "show",
            "logs",
            "rerun",
            "cancel",
            "compare",
            "envs",
            "compute",
            "models",
            "registry",
            "download",
            "tensorboard",
        ):
            assert verb in text
    assert "--follow" in cell.ok("%aml logs --help").text
    assert "--ray ADDRESS" in cell.ok("%aml compute attach --help").text


def test_logs_of_other_ranks_are_told(cell: Kernel) -> None:
    cell.ok("%%aml_submit --experiment ranks --procs-per-node 2 --wait\nimport os\nprint('rank', os.environ['RANK'])")
    told = "This is user_logs/std_log_process_0.txt; there is more in 1 log: --file user_logs/std_log_process_1.txt."
    assert cell.ok("%aml logs ranks").text == f"rank 0\n{told} 'show' lists them.\n"


def test_rerun_shows_the_monitor_of_a_new_run(cell: Kernel) -> None:
    cell.ok("%aml_submit --experiment again --wait train.py --lr 0.1")
    assert "application/vnd.jupyter.widget-view+json" in cell.ok("%aml rerun again").displays[-1]
    runs = json.loads(cell.ok("%aml runs --json --experiment again").text)
    assert [run["command"] for run in runs] == ["train.py --lr 0.1"] * 2
    cell.ok(f"%aml cancel {runs[0]['run_id']}")
