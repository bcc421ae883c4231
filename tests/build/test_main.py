from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.build.records import Message

if TYPE_CHECKING:
    from conftest import Builds


def messages(text: str) -> list[Message]:
    return [msgspec.json.decode(line, type=Message) for line in text.splitlines()]


def test_a_build_is_told_line_by_line(builds: Builds, define: Any) -> None:
    process = builds.start(define())
    found = messages(process.communicate(timeout=60)[0])
    assert process.returncode == 0
    assert [each.progress.text for each in found[:-1] if each.progress and not each.progress.line] == [
        "Python",
        "Check",
    ]
    assert found[-1].built is not None
    assert builds.find(define()) == msgspec.structs.replace(found[-1].built, cached=True, seconds=0.0)


def test_a_failure_is_told_with_its_class(builds: Builds, define: Any) -> None:
    process = builds.start(define(conda=["[scipy]"]))
    (last,) = messages(process.communicate(timeout=60)[0])
    assert process.returncode == 1
    assert last.error is not None
    assert last.error.type == "UserErrorException"
    assert "scipy" in last.error.message


def test_a_request_that_is_none_is_told() -> None:
    command = [sys.executable, "-m", "jupyter_ext.build"]
    answer = subprocess.run(command, input=json.dumps({"a": 1}), capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "definition" in answer.stdout
    assert answer.stderr == ""


def test_it_ends_when_nobody_listens(builds: Builds, define: Any) -> None:
    process = builds.start(define())
    process.stdout.close()
    assert process.wait(60) == 130
    assert builds.find(define()) is None
