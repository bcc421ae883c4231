"""The real parts that tests stand on: a Docker engine, a base image, a registry with a password.

Each is started or made once, kept under :func:`folder`, and taken up again by the next run while it answers.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class MissingPart(Exception):  # noqa: N818 - it is no error, unless AML_TEST_REQUIRE says so
    """A part cannot be had on this machine; the message says why."""


def folder() -> Path:
    """Where the parts are kept between runs: ``AML_TEST_PARTS``, else a folder of the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = Path(os.environ.get("AML_TEST_PARTS") or cache / "jupyter-aml-tests")
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Let one process at a time make the part ``name``."""
    with (folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def program(name: str, package: str) -> str:
    """Return the path of a program, or say which package brings it."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin")
    if path is None:
        raise MissingPart(f"{name} is not installed (Debian package {package})")
    return path


def need_root(what: str) -> None:
    """Refuse what only root can do."""
    if os.geteuid() != 0:
        raise MissingPart(f"{what} needs root")


def last_lines(path: Path, count: int = 5) -> str:
    """Return the end of a log, for a message."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-count:])
