"""What kind of environment a cell's body describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_ext.magics import body
from jupyter_ext.magics.body import kind_of
from jupyter_ext.magics.build_text import excerpt
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import EnvironmentBuildException

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("FROM python:3.11\nRUN pip install numpy", "dockerfile"),
        ("# syntax=docker/dockerfile:1\n\nFROM python:3.11 AS base", "dockerfile"),
        ("ARG TAG=3.11\nFROM python:${TAG}", "dockerfile"),
        ("from --platform=linux/amd64 python:3.11 as base", "dockerfile"),
        ("from azureml.core import Environment\nenv.docker.enabled = True", "python"),
        ("dependencies:\n- python=3.11\n- pip: [numpy]", "conda"),
        ("name: x\nchannels: [a]\ndependencies:\n- python", "conda"),
        ("numpy==2.1\nmatplotlib>=3,<4 # plots\n# nothing\n", "pip"),
        ("--index-url https://index.example.com/simple\nnumpy", "pip"),
        ("-r requirements.txt", "pip"),
        ("./wheels/one-1.0-py3-none-any.whl", "pip"),
        ("git+https://host/repository.git", "pip"),
        ("numpy ; python_version > '3.8'", "pip"),
        ("numpy==2.1 \\\n  --hash=sha256:abc", "pip"),
        ("six=1.0", "pip"),  # conda's way, which would be Python too
        ("numpy=1.26.*\nsix", "pip"),
        ("depth=3\nenv.environment_variables = {'DEPTH': str(depth)}", "python"),
        ("", "pip"),
        ("# only a comment", "pip"),
        ("env.python.conda_dependencies.add_pip_package('six')", "python"),
        ("import os", "python"),
        ("env.docker.base_dockerfile = r'''\nFROM python:3.11\n'''", "python"),
    ],
)
def test_the_kind_of_a_body(text: str, kind: str) -> None:
    assert kind_of(text) == kind


def marked(body: str, message: str = "", **facts: Any) -> str:
    return excerpt(body, EnvironmentBuildException(message, **facts))


def test_the_excerpt_marks_the_line_that_is_named() -> None:
    told = marked("FROM a\nRUN b\nRUN c\nRUN d\n", line=2)
    assert told.splitlines()[1] == "---->   3 RUN b"
    assert len(told.splitlines()) == 4


def test_the_excerpt_marks_the_package_however_it_is_spelled() -> None:
    assert "---->   4 - Scikit_Learn==9" in marked("dependencies:\n- pip\n- Scikit_Learn==9", package="scikit-learn")
    assert marked("six\nscikit-learn-extra", package="scikit-learn") == ""


def test_the_excerpt_finds_the_line_that_a_message_speaks_of() -> None:
    message = "pip install six no-such failed:\nBecause no-such was not found in the package registry"
    assert "---->   3 no-such==1" in marked("six\nno-such==1\n", message)
    assert "---->   2 dependencies: [" in marked(
        "dependencies: [\n- a", "not YAML at line 1 of the conda specification"
    )


def test_there_is_no_excerpt_where_no_line_is_known() -> None:
    assert marked("six\n", "the disk is full") == ""


@pytest.mark.parametrize(
    ("line", "anchored"),
    [
        ("-e .", "-e {0}"),
        ("-e .[dev]", "-e {0}[dev]"),
        ("--editable=../other", "--editable={1}/other"),
        ("-r requirements.txt", "-r {0}/requirements.txt"),
        ("-c ./limits.txt  # why", "-c {0}/limits.txt  # why"),
        ("./one-1.0.whl ; python_version > '3'", "{0}/one-1.0.whl ; python_version > '3'"),
        (".", "{0}"),
        ("-r /abs/requirements.txt", "-r /abs/requirements.txt"),
        ("-e git+https://host/a#egg=a", "-e git+https://host/a#egg=a"),
        ("-e ~/project", "-e ~/project"),
        ("--index-url https://index.example.com", "--index-url https://index.example.com"),
        ("numpy", "numpy"),
        ("...", "..."),
    ],
)
def test_relative_paths_start_in_the_notebooks_folder(
    line: str, anchored: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (one,) = body._anchored({"dependencies": ["python", {"pip": [line]}]})["dependencies"][1]["pip"]
    assert one == anchored.format(tmp_path, tmp_path.parent)
