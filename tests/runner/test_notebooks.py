"""A notebook as a run's script: in a kernel, in IPython, or as plain Python, whatever the environment has."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from parts.submitting import Folder, reason, said, until

from jupyter_ext.core.environments.environment import Environment

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.core.runs.run import Run
    from jupyter_ext.core.workspaces.workspace import Workspace


def notebook(folder: Folder, *cells: str, name: str = "train.ipynb") -> str:
    """Write a notebook with a text cell before each code cell."""
    content: list[dict[str, Any]] = []
    for source in cells:
        content.append({"cell_type": "markdown", "metadata": {}, "source": ["# text"]})
        code = {"cell_type": "code", "metadata": {}, "execution_count": 9, "outputs": [], "source": source}
        content.append(code)
    file = folder.path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": content}))
    return name


def kept(run: Run, name: str = "train.ipynb") -> list[str]:
    """Return the outputs of the code cells of the notebook that the run has kept, as one text each."""
    content = json.loads((run.paths.outputs / name).read_text())
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    texts = []
    for cell in cells:
        said = ["".join(one.get("text") or one.get("data", {}).get("text/plain") or []) for one in cell["outputs"]]
        said += [one["ename"] for one in cell["outputs"] if "ename" in one]
        texts.append("".join(said))
    return texts


TRAINING = (
    "%matplotlib inline\nimport sys\nfrom azureml.core import Run\nrun = Run.get_context()",
    "print('arguments', sys.argv)\nfor i in range(3):\n    run.log('loss', 1 / (i + 1))",
    "open('outputs/model.txt', 'w').write('m')\nclass Net:\n    pass\nlen('four')",
)
NEEDS = "!ls needs IPython: add ipykernel to the run's environment"


def check(run: Run) -> None:
    assert run.wait_for_completion()["status"] == "Completed"
    assert "arguments ['train.ipynb', '--lr', '0.1']\n" in said(run)
    assert run.get_metrics() == {"loss": [1.0, 0.5, 1 / 3]}
    assert {"outputs/model.txt", "outputs/train.ipynb"} <= set(run.get_file_names())
    outputs = kept(run)
    assert "arguments" in outputs[1]
    assert outputs[2].strip().endswith("4")


def test_in_a_kernel(folder: Folder) -> None:
    run = folder.submit(script=notebook(folder, *TRAINING), arguments=["--lr", 0.1])
    check(run)
    assert "without a kernel" not in said(run)


@pytest.mark.parametrize("packages", [["ipython"], []], ids=["ipython", "plain"])
def test_without_a_kernel(folder: Folder, packages: list[str]) -> None:
    environment = Environment("small")
    for package in packages:
        environment.python.conda_dependencies.add_pip_package(package)
    name = notebook(
        folder, *(TRAINING if not packages else (TRAINING[0].replace("%matplotlib inline\n", ""), *TRAINING[1:]))
    )
    run = folder.submit(script=name, arguments=["--lr", 0.1], environment=environment)
    check(run)
    assert ("as plain Python" in said(run)) == (not packages)


@pytest.mark.docker
def test_in_a_container(tmp_path: Path, workspace: Workspace, base_image: str) -> None:
    folder = Folder(tmp_path / "src", workspace)
    environment = Environment.from_docker_image("boxed", base_image)
    check(folder.submit(script=notebook(folder, *TRAINING), arguments=["--lr", 0.1], environment=environment))


def test_the_failing_cell_and_its_line_are_named(folder: Folder) -> None:
    run = folder.submit(script=notebook(folder, "print('one')", "x = 1\n\ny = x / 0\n", "print('never')"))
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "ZeroDivisionError: division by zero (train.ipynb, cell 2:3)"
    assert "never" not in said(run)
    assert [text.strip() for text in kept(run)] == ["one", "ZeroDivisionError", ""]


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("def f():\n    raise KeyError('k')\nf()\n", "KeyError: 'k' (train.ipynb, cell 1:3)"),
        ("x = (\n", "SyntaxError: '(' was never closed (train.ipynb, cell 1, line 1) (train.ipynb, cell 1:1)"),
        (
            "print(1)\n!ls\n",
            f"SyntaxError: {NEEDS} (train.ipynb, cell 1, line 2) (train.ipynb, cell 1:2)",
        ),
        ("import nothing_such", "ModuleNotFoundError: No module named 'nothing_such' (train.ipynb, cell 1:1)"),
    ],
)
def test_plain_python_names_them_too(folder: Folder, cell: str, says: str) -> None:
    environment = Environment("nothing")
    run = folder.submit(script=notebook(folder, cell), environment=environment)
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == says


def test_output_is_live_and_a_cancel_ends_the_kernel(folder: Folder) -> None:
    code = "import os, time\nprint('pid', os.getpid(), flush=True)\nwhile True: time.sleep(0.1)"
    run = folder.submit(script=notebook(folder, code))
    until(lambda: "pid" in said(run), 60)
    kernel = int(said(run).split()[1])
    run.cancel()
    assert run.wait_for_completion()["status"] == "Canceled"
    until(lambda: subprocess.run(["ps", "-p", str(kernel)], capture_output=True, check=False).returncode)
    assert "pid" in kept(run)[0]


def test_a_module_beside_it_is_found(folder: Folder) -> None:
    folder.write("VALUE = 7", "nb/helper.py")
    run = folder.submit(script=notebook(folder, "import helper\nprint(helper.VALUE)", name="nb/train.ipynb"))
    run.wait_for_completion()
    assert said(run) == "7\n"


def test_what_is_no_notebook_is_told(folder: Folder) -> None:
    run = folder.submit(script=folder.write("{}", "train.ipynb"))
    run.wait_for_completion(raise_on_error=False)
    assert "train.ipynb cannot be run: it is no notebook of format 4" in reason(run)


def test_this_python_has_a_kernel() -> None:
    assert subprocess.run([sys.executable, "-c", "import nbclient, ipykernel"], check=False).returncode == 0
