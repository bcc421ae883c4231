"""``%aml_submit`` in a real kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parts.kernel import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from parts.kernel import Kernel


def experiments(home: Path) -> set[str]:
    return {file.stem for file in home.glob("*/experiments/*.json")}


def test_a_line_is_a_run(cell: Kernel) -> None:
    made = cell.ok("run = %aml_submit train.py --lr 0.1 --tag 'a b'")
    assert "application/vnd.jupyter.widget-view+json" in made.displays[-1]
    assert cell.ok("run.wait_for_completion()['status']").value == "'Completed'"
    assert cell.ok("run.get_metrics()").value == "{'loss': 0.5}"
    log = cell.ok("%aml logs @last").text
    assert "arguments ['--lr', '0.1', '--tag', 'a b']" in log


def test_what_follows_the_script_is_its_own_and_a_comment_nobodys(cell: Kernel) -> None:
    made = cell.ok("run = %aml_submit train.py --lr 0.1 --env small '#1'  # my run")
    assert "Note: --env goes to the script, as all that follows its name" in made.text
    cell.ok("run.wait_for_completion()")
    assert "arguments ['--lr', '0.1', '--env', 'small', '#1']" in cell.ok("%aml logs @last").text


def test_the_value_is_shown_once(cell: Kernel) -> None:
    assert cell.ok("%aml_submit train.py").value is None
    assert cell.ok("_.wait_for_completion()['status']").value == "'Completed'"


def test_several_processes(cell: Kernel) -> None:
    cell.ok(
        "%%aml_submit --wait --procs-per-node 2\nimport os\nprint(os.environ['RANK'], 'of', os.environ['WORLD_SIZE'])"
    )
    assert cell.ok("sorted(name for name in _.get_file_names() if name.startswith('user_logs'))").value == (
        "['user_logs/std_log_process_0.txt', 'user_logs/std_log_process_1.txt']"
    )
    assert "0 of 2" in cell.ok("%aml logs").text


def test_names_of_the_notebook_are_filled_in(cell: Kernel) -> None:
    cell.ok("rate, word = 0.25, 'x y'")
    cell.ok('%aml_submit --wait train.py --lr {rate * 2} $rate "{word}"')
    assert "['--lr', '0.5', '0.25', 'x y']" in cell.ok("%aml logs").text


def test_the_experiment_is_named_after_the_folder(cell: Kernel, folder: Path) -> None:
    assert folder.name.startswith("my notebook")
    assert cell.ok("run = %aml_submit train.py\nrun.experiment.name").value.startswith("'my-notebook")
    assert cell.ok("run = %aml_submit --experiment other --tag k=v train.py\nrun.experiment.name, run.tags").value == (
        "('other', {'k': 'v'})"
    )


def test_a_run_that_fails_while_it_is_waited_for_is_still_there(cell: Kernel, folder: Path) -> None:
    (folder / "bad.py").write_text("raise ValueError('no data')")
    assert "failed: ValueError: no data" in cell.run("mine = %aml_submit --wait bad.py").message
    assert cell.ok("mine.status, _ is mine").value == "('Failed', True)"
    assert cell.ok("1 + 1").value == "2"
    assert cell.ok("_").value == "2"
    assert "failed" in cell.run("%aml_submit --wait bad.py").message
    assert cell.ok("_.status, _ == mine").value == "('Failed', False)"
    (folder / "bad.py").unlink()


def test_a_cell_is_a_script_and_leaves_no_file(cell: Kernel, folder: Path) -> None:
    cell.ok("%%aml_submit --wait\nimport sys\nprint('from a cell', sys.argv)")
    assert "from a cell ['cell_script.py']" in cell.ok("%aml logs").text
    cell.ok("%%aml_submit --wait named.py 1 2\nimport sys\nprint('named', sys.argv)")
    assert "named ['named.py', '1', '2']" in cell.ok("%aml logs").text
    assert {file.name for file in folder.glob("*.py")} == {"train.py"}


def test_a_file_of_that_name_is_never_overwritten(cell: Kernel, folder: Path) -> None:
    before = (folder / "train.py").read_text()
    assert "holds something else" in cell.run("%%aml_submit train.py\nprint(1)").message
    assert (folder / "train.py").read_text() == before


def test_an_environment_is_registered_or_the_notebooks_own(cell: Kernel, folder: Path) -> None:
    wheel = make_wheel(folder)
    cell.ok(f"%%aml_env tiny\n./{wheel}")
    cell.ok("%%aml_submit --env tiny --wait\nimport aml_tiny\nprint('tiny', aml_tiny.VERSION)")
    assert "tiny 1" in cell.ok("%aml logs").text
    cell.ok(
        "from azureml.core import Environment\nown = Environment('x')\n"
        "own.python.user_managed_dependencies = True\nown.environment_variables['MINE'] = 'yes'"
    )
    cell.ok("%%aml_submit --env own --wait\nimport os\nprint('mine', os.environ['MINE'])")
    assert "mine yes" in cell.ok("%aml logs").text


def test_waiting_for_a_run_that_fails_fails_the_cell(cell: Kernel) -> None:
    failed = cell.run("%aml_submit --wait train.py --fail")
    assert failed.error is not None
    assert failed.error["ename"] == "ActivityFailedException"
    assert "ValueError: shape mismatch" in failed.message
    assert "%aml logs" in failed.message
    assert len(failed.error["traceback"]) == 1


def test_a_terminal_is_told_nothing_that_it_would_obey(cell: Kernel) -> None:
    failed = cell.run("%%aml_submit --wait\nraise ValueError('\\x1b]52;c;aGk=\\x07\\x1b[2Jshape')")
    assert "ValueError: shape" in failed.message
    assert "\x1b]" not in failed.trace
    assert "\x1b[2J" not in failed.trace


def test_an_interrupted_wait_leaves_the_run_alone(cell: Kernel) -> None:
    stopped = cell.run("%%aml_submit --wait\nimport time\ntime.sleep(60)", interrupt_after=2.0)
    assert "the run goes on" in stopped.message
    assert "is being canceled" in cell.ok("%aml cancel @last").shown
    assert cell.ok(
        "from jupyter_ext.commands.find import find_run, current_workspace as w\nrun = find_run(w(), '@last')"
    )
    assert cell.ok("run.wait_for_completion()['status']").value == "'Canceled'"


def test_a_dry_run_lists_what_would_be_sent(cell: Kernel, folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "big.bin").write_bytes(bytes(5000))
    (folder / ".env").write_text("TOKEN=1")
    shown = cell.ok("%aml_submit --dry-run train.py").shown
    (folder / ".env").unlink()
    assert "would be sent from" in shown
    assert "data/big.bin" in shown
    assert "5.0 KB" in shown
    assert ".env" in shown
    assert ".amlignore" in shown


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("%aml_submit", "Which script?"),
        ("%aml_submit --experiment never nope.py", "There is no script nope.py"),
        ("%aml_submit nope.py", "There is no script nope.py"),
        ("%aml_submit --env nope train.py", "There is no environment 'nope'"),
        ("%aml_submit --compute nope train.py", "ComputeTargetNotFound"),
        ("%aml_submit --gpus 99 train.py", "99 GPUs are asked for and this machine has"),
        ("%aml_submit --source nope train.py", "is not there"),
        ("%aml_submit --experiment 'a b' train.py", "cannot be an experiment's name"),
        ("%aml_submit --data x=y train.py", "is no dataset of the notebook"),
        ("%aml_submit --nodes 0 train.py", "at least 1 node"),
        ("%aml_submit --nodes many train.py", "'many' is neither a number"),
        (
            "%aml_submit --nodes 2:1 --distributed torchrun train.py",
            "'2:1' is MIN:MAX with the larger number first: write 1:2",
        ),
        ("%aml_submit --nodes 1:2 train.py", "MIN:MAX needs --distributed torchrun"),
        ("%aml_submit --max-retries -1 train.py", "max_retries is a whole number from 0 on"),
        ("%aml_submit --nodes 2 train.py", "2 nodes are asked for and 'local' has 1"),
        ("%aml_submit --procs-per-node 2 --distributed tensorflow train.py", "one worker on each node"),
        ("%aml_submit --tag k train.py", "KEY=VALUE"),
        ("%aml_submit --frob train.py", "--frob"),
        ("%aml_submit --dry-run nope.py", "There is no script nope.py"),
        ("%aml_submit ../train.py", "script"),
    ],
)
def test_what_cannot_be_is_one_message(cell: Kernel, notebook_home: Path, line: str, told: str) -> None:
    runs = notebook_home / "default" / "runs"
    before = set(runs.iterdir()) if runs.is_dir() else set()
    known = experiments(notebook_home)
    failed = cell.run(line)
    assert told in failed.message
    assert failed.error is not None
    assert len(failed.error["traceback"]) == 1
    assert (set(runs.iterdir()) if runs.is_dir() else set()) == before
    assert experiments(notebook_home) == known
