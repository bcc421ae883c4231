from __future__ import annotations

import pytest

from jupyter_ext.build import dockerfile
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException


def test_instructions_have_the_lines_they_begin_in() -> None:
    text = "\n# comment\nFROM a\n\nRUN x && \\\n    # within\n    y\nrun z\n"
    found = [(each.line, str(each)) for each in dockerfile.parse(text)]
    assert found == [(3, "FROM a"), (5, "RUN x && y"), (8, "RUN z")]


def test_the_escape_directive_counts() -> None:
    assert [str(each) for each in dockerfile.parse("# escape=`\nFROM a\nRUN x `\n y\\\n")] == [
        "FROM a",
        "RUN x y\\",
    ]


def test_bases_leave_out_stages_and_scratch() -> None:
    text = (
        "ARG TAG=3.11\nARG EMPTY\nFROM --platform=linux/amd64 python:${TAG} AS one\nFROM scratch\n"
        "FROM one\nFROM x/y:${EMPTY:-z}\nFROM python:$TAG"
    )
    assert dockerfile.bases(text) == ["python:3.11", "x/y:z"]


@pytest.mark.parametrize("text", ["./Dockerfile", "Dockerfile.gpu", " docker/Dockerfile\n"])
def test_a_mistyped_path_is_told(text: str) -> None:
    with pytest.raises(UserErrorException, match="was not found"):
        dockerfile.check(text)


@pytest.mark.parametrize("text", ["", "RUN true", "# FROM a\nRUN true"])
def test_from_must_be_there(text: str) -> None:
    with pytest.raises(UserErrorException, match="no FROM"):
        dockerfile.check(text)


def test_from_must_be_first() -> None:
    with pytest.raises(UserErrorException, match=r"Line 2 .* before FROM"):
        dockerfile.check("ARG A\nRUN true\nFROM a")


@pytest.mark.parametrize("copy", ["COPY a /a", 'ADD ["a b", "/a"]', "copy --chown=1:1 https://h/a b /c/"])
def test_copying_local_files_names_the_line(copy: str) -> None:
    with pytest.raises(UserErrorException, match="Line 2 of the Dockerfile"):
        dockerfile.check(f"FROM a\n{copy}\n")


@pytest.mark.parametrize("copy", ["COPY --from=one /a /a", "ADD https://host/a /a"])
def test_copying_from_elsewhere_is_fine(copy: str) -> None:
    dockerfile.check(f"FROM a AS one\n{copy}\n")


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("a", None),
        ("a/b:1", None),
        ("h.io/a", "h.io"),
        ("localhost/a", "localhost"),
        ("127.0.0.1:5000/a", "127.0.0.1:5000"),
    ],
)
def test_the_registry_of_a_name(image: str, registry: str | None) -> None:
    assert dockerfile.registry_of(image) == registry


def test_heredocs_are_no_instructions() -> None:
    text = "FROM a\nRUN <<EOF\nFOO bar\nEOF\nCOPY <<-'END' /x\n\tRUN no\n\tEND\nRUN y\n"
    assert [(each.line, each.keyword) for each in dockerfile.parse(text)] == [
        (1, "FROM"),
        (2, "RUN"),
        (5, "COPY"),
        (8, "RUN"),
    ]


def test_steps_are_counted_as_buildkit_does() -> None:
    text = "ARG A\nFROM a AS One\nENV X=1\nRUN x\nFROM --platform=linux/amd64 b\nCOPY --from=one /x /y\nCMD z\n"
    found = {key: each.line for key, each in dockerfile.steps(text).items()}
    assert found == {("one", 1): 2, ("one", 2): 4, ("stage-1", 1): 5, ("stage-1", 2): 6}


def test_an_image_that_is_copied_from_is_a_base() -> None:
    assert dockerfile.bases("FROM a AS one\nCOPY --from=one x y\nCOPY --from=b:2 x y\nCOPY --from=0 x y") == [
        "a",
        "b:2",
    ]


def test_an_unknown_instruction_is_told_unless_another_syntax_is_named() -> None:
    with pytest.raises(UserErrorException, match=r"Line 2 of the Dockerfile: unknown instruction 'FORM'"):
        dockerfile.check("FROM a\nFORM b\n")
    dockerfile.check("# syntax=my/frontend\nFROM a\nINCLUDE b\n")
    with pytest.raises(UserErrorException, match=r"Line 2 of the Dockerfile: RUN stands alone"):
        dockerfile.check("FROM a\nRUN\n")
