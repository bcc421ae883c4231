"""Loading and unloading; errors that our API raises; Tab; the terminal's IPython."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from parts.kernel import Kernel

HEAVY = ("anywidget", "docker", "ipywidgets", "numpy", "yaml", "jupyter_ext.core.runs.run")


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "import jupyter_ext.magics.extension as extension\n"
        "extension._get_ready = lambda in_kernel: None\n"
        "InteractiveShell.instance().run_line_magic('load_ext', 'jupyter_ext')\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_importing_the_package_imports_nothing() -> None:
    code = "import sys, jupyter_ext; print([name for name in sys.modules if name.startswith('jupyter_ext.')])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_unloading_takes_everything_away(cell: Kernel) -> None:
    cell.ok("import azureml.core")
    cell.ok("%unload_ext jupyter_ext")
    assert "not found" in cell.run("%aml runs").text
    assert cell.run("import azureml.core").error is not None
    assert cell.ok("get_ipython().custom_exceptions").value == "()"
    cell.ok("%load_ext jupyter_ext")
    cell.ok("import azureml.core\n%aml runs")


def test_what_the_api_raises_ends_with_the_cells_own_line(cell: Kernel) -> None:
    cell.ok("from azureml.core import Environment, Workspace\nws = Workspace.from_config()")
    failed = cell.run("name = 'nope'\nEnvironment.get(ws, name)")
    assert failed.message.startswith("There is no environment 'nope'")
    assert "ErrorResponse" not in failed.trace
    assert "jupyter_ext" not in failed.trace
    caught = cell.ok("try:\n    Environment.get(ws, name)\nexcept Exception as error:\n    print(error)")
    assert "ErrorResponse" in caught.text  # v1's own text


def test_other_errors_keep_their_traceback(cell: Kernel) -> None:
    assert "ZeroDivisionError" in cell.run("def f():\n    1 / 0\nf()").trace


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("%aml_submit --e", {"--env", "--experiment"}),
        ("%aml_submit --env co", {"completes"}),
        ("run = %aml_submit --env completes tr", {"train.py"}),
        ("%aml_submit --compute l", {"local"}),
        ("%aml_submit --distributed m", {"mpi"}),
        ("%aml compute sc", {"scale"}),
        ("%aml compute remove lo", {"local"}),
        ("%aml compute add wide --max", {"--max-nodes"}),
        ("%aml compute attach far --ray 127.0.0.5:6379 --i", {"--idle-seconds"}),
        ("%%aml_submit --env co", {"completes"}),
        ("%%aml_env --as d", {"dockerfile"}),
        ("%%aml_env co", {"completes"}),
        ("%aml registry s", {"set", "show"}),
        ("%aml registry set host --u", {"--username"}),
        ("%aml sh", {"show"}),
        ("%aml show @l", {"@last"}),
        ("%aml runs --ex", {"--experiment"}),
        ("%aml runs --experiment tab", {"tabs"}),
        ("x = 1\n%aml_submit --co", {"--compute"}),
    ],
)
def test_tab_completes(cell: Kernel, code: str, expected: set[str]) -> None:
    cell.ok("%aml_env completes --python 3.11 --no-build\n%aml_submit --experiment tabs train.py")
    assert set(cell.complete(code)) == expected


def test_tab_tells_options_last(cell: Kernel) -> None:
    found = cell.complete("%aml_submit ")
    assert found.index("train.py") < found.index("--env")
    assert cell.complete("%aml logs ")[0] == "@last"


def test_tab_completes_run_ids(cell: Kernel) -> None:
    name = cell.ok("run = %aml_submit --experiment ids train.py\nrun.id").value.strip("'")
    assert name in cell.complete("%aml cancel ids_")


def test_tab_elsewhere_is_the_shells_own(cell: Kernel) -> None:
    cell.ok("some_name_of_mine = 1")
    assert "some_name_of_mine" in cell.complete("some_na")
    assert "%aml_submit" in cell.complete("%aml_su")


def test_ipython_in_a_terminal(folder: Path, tmp_path: Path) -> None:
    lines = [
        "%load_ext jupyter_ext",
        "%aml_env bare --python 3.11",
        "%aml_submit --env bare --wait train.py --lr 1",
        "%aml runs",
        "%aml_submit nope.py",
    ]
    answer = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "--simple-prompt", "--quick"],
        input="\n".join(lines) + "\n",
        cwd=folder,
        env={**os.environ, "AML_HOME": str(tmp_path / "home"), "IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "bare:1  built in" in answer.stdout
    assert "Environment(Name: bare, Version: 1)" in answer.stdout
    assert "arguments ['--lr', '1']" in answer.stdout
    assert "STATUS" in answer.stdout
    assert "There is no script nope.py" in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
