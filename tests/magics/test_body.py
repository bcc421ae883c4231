"""What kind of environment a cell's body describes."""

from __future__ import annotations

import pytest

from jupyter_ext.magics.body import kind_of
from jupyter_ext.magics.build_text import excerpt


@pytest.mark.parametrize(
    ("body", "kind"),
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
        ("", "pip"),
        ("# only a comment", "pip"),
        ("env.python.conda_dependencies.add_pip_package('six')", "python"),
        ("import os", "python"),
        ("env.docker.base_dockerfile = r'''\nFROM python:3.11\n'''", "python"),
    ],
)
def test_the_kind_of_a_body(body: str, kind: str) -> None:
    assert kind_of(body) == kind


def test_the_excerpt_marks_the_line_that_is_named() -> None:
    told = excerpt("FROM a\nRUN b\nRUN c\nRUN d\n", 2, "")
    assert told.splitlines()[1] == "---->   3 RUN b"
    assert len(told.splitlines()) == 4


def test_the_excerpt_finds_the_line_that_a_message_speaks_of() -> None:
    message = "pip install six no-such failed:\nBecause no-such was not found in the package registry"
    assert "---->   3 no-such==1" in excerpt("six\nno-such==1\n", None, message)


def test_there_is_no_excerpt_where_no_line_is_known() -> None:
    assert excerpt("six\n", None, "the disk is full") == ""
