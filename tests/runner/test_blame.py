"""What a traceback says went wrong, and where."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from parts.submitting import Folder, reason

from jupyter_ext.runner.blame import blamed
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException


def _printed(work: Path, script: str, text: str, **more: str) -> list[str]:
    """Run a script as a run does; return what it printed."""
    work.mkdir(exist_ok=True)
    for name, content in {script: text, **{f"{name}.py": content for name, content in more.items()}}.items():
        (work / name).parent.mkdir(exist_ok=True)
        (work / name).write_text(content)
    command = [sys.executable, script]
    done = subprocess.run(command, check=False, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 1
    return done.stdout.decode().splitlines()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\nraise ValueError('shape')", "ValueError: shape (train.py:2)"),
        ("raise KeyError", "KeyError (train.py:1)"),
        ("raise ValueError('first line\\nand another\\n')", "ValueError: first line (train.py:1)"),
        ("x = 1\nprint('a'", "SyntaxError: '(' was never closed (train.py:2)"),
        (
            "def f():\nreturn 1",
            "IndentationError: expected an indented block after function definition on line 1 (train.py:2)",
        ),
        ("import helper\n\nhelper.f()", "ZeroDivisionError: division by zero (helper.py:2)"),
        (
            "import json\n\njson.loads('x')",
            "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0) (train.py:3)",
        ),
        ("import broken", "SyntaxError: invalid syntax (broken.py:1)"),
        ("def f(): f()\nf()", "RecursionError: maximum recursion depth exceeded (train.py:1)"),
        (
            "try:\n    1 / 0\nexcept Exception as e:\n    raise RuntimeError('no luck') from e",
            "RuntimeError: no luck (train.py:4)",
        ),
        (
            "import atexit\natexit.register(print, 'bye')\nraise ValueError('shape')",
            "ValueError: shape (train.py:3)",
        ),
        (
            "class A:\n    def __del__(self): 1 / 0\na = A()\nraise ValueError('shape')",
            "ValueError: shape (train.py:4)",
        ),
        (
            "import logging, sys\ntry:\n    1 / 0\nexcept Exception:\n    logging.exception('x')\nsys.exit(1)",
            "ZeroDivisionError: division by zero (train.py:3)",
        ),
    ],
)
def test_the_last_exception_and_the_line_of_the_run_that_it_came_from(tmp_path: Path, text: str, told: str) -> None:
    work = tmp_path / "work"
    lines = _printed(work, "train.py", text, helper="def f():\n    return 1 / 0\n", broken="a b\n")
    assert blamed(lines, work) == told


def test_a_script_in_a_folder_is_named_with_it(tmp_path: Path) -> None:
    work = tmp_path / "work"
    lines = _printed(work, "src/train.py", "raise ValueError('shape')")
    assert blamed(lines, work) == "ValueError: shape (src/train.py:1)"


def test_paths_of_a_container_and_prefixes_of_ranks(tmp_path: Path) -> None:
    lines = [
        "[rank3]: Traceback (most recent call last):",
        '[rank3]:   File "/aml/run/work/train.py", line 41, in <module>',
        "[rank3]:     main()",
        '[rank3]:   File "/usr/lib/python3/dist-packages/torch/nn/linear.py", line 114, in forward',
        "[rank3]:     return F.linear(x)",
        "[rank3]: RuntimeError: mat1 and mat2 shapes cannot be multiplied",
    ]
    told = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (train.py:41)"
    assert blamed(lines, tmp_path / "work") == told


def test_what_v1s_exceptions_say_is_told(tmp_path: Path) -> None:
    lines = [
        "Traceback (most recent call last):",
        '  File "train.py", line 13, in <module>',
        "    raise UserErrorException('Tables need pandas.')",
        *f"some.exceptions.{UserErrorException.__name__}: {UserErrorException('Tables need pandas.')}".splitlines(),
    ]
    assert blamed(lines, tmp_path) == "UserErrorException: Tables need pandas. (train.py:13)"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["no traceback", "at all"],
        ["Traceback (most recent call last):", '  File "train.py", line 1, in <module>'],
        ["Traceback (most recent call last):", '  File "train.py", line 1', "ValueError: x", *["more"] * 50],
    ],
)
def test_what_is_no_traceback_is_not_taken_for_one(tmp_path: Path, lines: list[str]) -> None:
    assert blamed(lines, tmp_path) is None


def test_a_run_says_it(folder: Folder) -> None:
    folder.write("x = 1\nraise ValueError('shape')\n", "helper.py")
    run = folder.submit("import helper")
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "ValueError: shape (helper.py:2)"
    run = folder.submit("print('a'")
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "SyntaxError: '(' was never closed (train.py:1)"
    run = folder.submit("import sys\nsys.exit('data is missing')")
    run.wait_for_completion(raise_on_error=False)
    assert reason(run) == "The script ended with exit code 1. Its last line: data is missing"
