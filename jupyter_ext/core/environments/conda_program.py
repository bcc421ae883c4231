"""What conda says of an environment of this machine that it has made."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from jupyter_ext.core.yaml_text import read_yaml

_OLDEST = (4, 4)
_PROGRAMS = ("conda", "mamba", "micromamba")


class _CannotError(Exception):
    """There is nothing to export; the message says why."""


def exported(name: str) -> dict[str, Any] | None:
    """Return an environment as a conda specification without builds; print why and return None where there is none.

    Parameters
    ----------
    name
        Its name, or the path of its folder.
    """
    try:
        return _export(_program(), name)
    except _CannotError as reason:
        print(reason)  # noqa: T201 - as v1 does
        return None


def _program() -> str:
    program = os.environ.get("CONDA_EXE") or next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise _CannotError(f"conda is not there: no {', '.join(_PROGRAMS)} on the PATH, and CONDA_EXE is not set.")
    version = _said(program, "--version")
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if "mamba" not in Path(program).name and numbers < _OLDEST:
        raise _CannotError(f"conda 4.4 or newer is needed, and this one says {version.strip() or 'nothing'}.")
    return program


def _export(program: str, name: str) -> dict[str, Any]:
    where = "--prefix" if os.sep in name else "--name"
    command = [program, "env", "export", "--no-builds", where, name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    document = read_yaml(done.stdout) if done.returncode == 0 else None
    if not isinstance(document, dict) or not document.get("dependencies"):
        why = next((line.strip() for line in reversed(done.stderr.splitlines()) if line.strip()), "it is not there.")
        raise _CannotError(f"conda cannot export {name!r}: {why}")
    document.pop("prefix", None)  # a folder of this machine
    return document


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
