"""What newer docker programs print, which have BuildKit as a part of its own: the one of the tests has it built in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_ext.build import docker_program
from jupyter_ext.build.contexts import Context
from jupyter_ext.build.recipe import Recipe
from jupyter_ext.build.reporter import Reporter

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.build import Progress

DOCKERFILE = "FROM alpine\n\nRUN echo one && \\\n    exit 3\n"
FAILED = """\
#0 building with "default" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 97B done
#1 DONE 0.0s

#4 [1/2] FROM docker.io/library/alpine:latest@sha256:0a4eaa0eecf5f8c050e5bba433f58c052be7587ee8af3e8b3910ef9ab5fbe9f5
#4 CACHED

#5 [2/2] RUN echo one &&     exit 3
#5 0.123 one
#5 ERROR: process "/bin/sh -c echo one &&     exit 3" did not complete successfully: exit code: 3
------
 > [2/2] RUN echo one &&     exit 3:
0.123 one
------
Dockerfile:3
--------------------
   2 |
   3 | >>> RUN echo one && \\
   4 | >>>     exit 3
   5 |
--------------------
ERROR: failed to solve: process "/bin/sh -c echo one &&     exit 3" did not complete successfully: exit code: 3
"""
UNREADABLE = """\
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
Dockerfile:3
--------------------
   1 |     FROM alpine
   3 | >>> RUN --nope true
--------------------
ERROR: failed to solve: dockerfile parse error on line 3: unknown flag: --nope
"""


def follow(tmp_path: Path, output: str) -> tuple[docker_program._Printed, list[Progress]]:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    said: list[Progress] = []
    with Reporter(said.append, [tmp_path / "log"]) as reporter:
        found = docker_program._Printed(Recipe(Context(tmp_path, "Dockerfile"), "x:1", tmp_path), reporter)
        for line in output.splitlines():
            found.line(line)
    return found, said


def test_a_failing_step(tmp_path: Path) -> None:
    found, said = follow(tmp_path, FAILED)
    assert [each.text for each in said if each.line is None] == ["FROM alpine", "RUN echo one && exit 3"]
    assert [each.line for each in said if each.line is not None] == ["(cached)", "one"]
    error = found.following.failure()
    assert (error.line, error.last_lines) == (3, ["one"])
    assert "The build failed at line 3 of the Dockerfile: RUN echo one && exit 3\none\nexit code: 3\n" in error.message


def test_a_dockerfile_that_cannot_be_read(tmp_path: Path) -> None:
    found = follow(tmp_path, UNREADABLE)[0]
    error = found.following.failure("\n".join(found.rest))
    assert (error.line, error.kind) == (3, "syntax error")
    assert "unknown flag: --nope" in error.message
