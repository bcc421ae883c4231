"""The state of the git checkout that a folder is in, under v1's property names."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from jupyter_ext.store.data.addresses import without_user

if TYPE_CHECKING:
    from pathlib import Path

_PREFIX = "azureml.git."
_MLFLOW = {"repository_uri": "repoURL", "branch": "branch", "commit": "commit"}
_OVERRIDES = ("repository_uri", "branch", "commit", "dirty", "build_id", "build_uri")
_DETACHED = "(detached)"
_NO_COMMIT = "(initial)"
_LIMIT_SECONDS = 5


def git_properties(folder: Path) -> dict[str, str | None]:
    """Return the run properties that tell where ``folder`` stands in git; none outside a checkout.

    ``AZUREML_GIT_COMMIT`` and the like go before what git says (v1). ``dirty`` is judged for the folder alone.
    """
    state = _ask_git(folder) if any((parent / ".git").exists() for parent in (folder, *folder.parents)) else {}
    for name in _OVERRIDES:
        given = os.environ.get(f"AZUREML_GIT_{name.upper()}")
        if given:
            state[name] = without_user(given)
    properties: dict[str, str | None] = {_PREFIX + name: value for name, value in state.items()}
    properties.update({f"mlflow.source.git.{key}": state[name] for name, key in _MLFLOW.items() if name in state})
    return properties


def _ask_git(folder: Path) -> dict[str, str]:
    commands = (
        ["git", "status", "--porcelain=v2", "--branch", "--", "."],
        ["git", "config", "--get", "remote.origin.url"],
    )
    try:
        asked = [
            subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            for command in commands
        ]
    except OSError:
        return {}
    try:
        status, origin = (process.communicate(timeout=_LIMIT_SECONDS)[0] for process in asked)
    except subprocess.TimeoutExpired:
        for process in asked:
            process.kill()
            process.communicate()
        return {}
    if asked[0].returncode:
        return {}
    state = _parse_status(status)
    if origin.strip():
        state["repository_uri"] = without_user(origin.strip())
    return state


def _parse_status(status: str) -> dict[str, str]:
    state = {"dirty": "False"}
    for line in status.splitlines():
        if line.startswith("# branch.oid ") and _NO_COMMIT not in line:
            state["commit"] = line.split()[2]
        elif line.startswith("# branch.head ") and _DETACHED not in line:
            state["branch"] = line.split(maxsplit=2)[2]
        elif not line.startswith("#"):
            state["dirty"] = "True"
    return state
