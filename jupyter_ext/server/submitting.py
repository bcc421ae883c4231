"""A folder under the server's root that is submitted by a form; called by threads."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.core.submission import form as forms
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.server.find import Unfound, find_workspace
from jupyter_ext.server.runs import row
from jupyter_ext.store.snapshots import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

_PYTHON = re.compile(r"python(\d(\.\d+)?)?\Z")
_LARGEST = 10


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page sends.

    Attributes
    ----------
    folder
        Under the server's root, with ``/``.
    kernel_name
        Whose Python a run without environment has; None for the server's own.
    """

    folder: str
    script: str
    arguments: list[str] | str = ""
    environment: str | None = None
    compute: str = "local"
    nodes: int = 1
    processes_per_node: int = 1
    experiment: str | None = None
    tags: dict[str, str] = {}
    kernel_name: str | None = None


class Refused(Exception):  # noqa: N818 - it is an answer
    """What is asked cannot be submitted.

    Parameters
    ----------
    errors
        ``field`` and ``message`` of each thing that is wrong.
    """

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


def folder_under(root: Path, name: str) -> Path:
    """Return the folder that a page names.

    Raises
    ------
    Unfound
        It leads out of the server's root, or is no folder.
    """
    folder = Path(os.path.realpath(root / name.strip("/"))) if "\0" not in name else None
    if folder is None or not folder.is_relative_to(root):
        raise Unfound(f"The folder {name!r} lies outside of what this server serves.")
    if not folder.is_dir():
        raise Unfound(f"There is no folder {name!r}: name the one that holds the script.")
    return folder


def scripts(root: Path, workspace: str, folder: str) -> dict[str, Any]:
    """List what of a folder could be run."""
    find_workspace(workspace)
    found = folder_under(root, folder)
    names = forms.scripts_in(found)
    return {"folder": str(found), "scripts": names[: forms.MOST_SCRIPTS], "more": len(names) > forms.MOST_SCRIPTS}


def preview(root: Path, kernels: Any, workspace: str, asked: Asked) -> dict[str, Any]:
    """Tell what would be sent, and what is wrong."""
    found = find_workspace(workspace)
    form, errors = _form(root, kernels, asked)
    if form is None:
        return {**_NOTHING, "errors": errors}
    shown = forms.preview(found, form)
    errors += [{"field": about, "message": message} for about, message in shown.errors]
    plan = shown.plan
    return {
        **_NOTHING,
        "folder": str(form.folder),
        "experiment": shown.experiment,
        "files": len(plan.files) if plan else None,
        "size": plan.size if plan else None,
        "largest": [{"name": name, "size": size} for name, size in plan.largest(_LARGEST)] if plan else [],
        "secrets": [{"name": name, "why": why} for name, why in sorted(plan.secrets.items())] if plan else [],
        "python": None if form.environment else form.interpreter or sys.executable,
        "line": shown.line,
        "errors": errors,
    }


_NOTHING: dict[str, Any] = {
    "folder": None,
    "experiment": "",
    "files": None,
    "size": None,
    "limit": snapshot.MAX_BYTES,
    "largest": [],
    "secrets": [],
    "python": None,
    "line": "",
}


def submit(root: Path, kernels: Any, workspace: str, asked: Asked) -> dict[str, Any]:
    """Submit it, and tell of the run.

    Raises
    ------
    Refused
        It cannot be, and nothing is created.
    """
    found = find_workspace(workspace)
    form, errors = _form(root, kernels, asked)
    if form is not None and not errors:
        errors = [{"field": about, "message": message} for about, message in forms.preview(found, form).errors]
    if form is None or errors:
        raise Refused(errors)
    try:
        return row(forms.submit(found, form))
    except AzureMLException as error:
        raise Refused([{"field": "", "message": error.message}]) from error


def _form(root: Path, kernels: Any, asked: Asked) -> tuple[forms.Form | None, list[dict[str, str]]]:
    errors: list[dict[str, str]] = []
    folder = _attempt(errors, "folder", lambda: folder_under(root, asked.folder))
    python = None
    if asked.kernel_name and not asked.environment:
        python = _attempt(errors, "kernel_name", lambda: _python_of(kernels, str(asked.kernel_name)))
    if folder is None:
        return None, errors
    form = forms.Form(
        folder=folder,
        script=asked.script,
        arguments=asked.arguments,
        environment=asked.environment or None,
        compute=asked.compute,
        nodes=asked.nodes,
        processes_per_node=asked.processes_per_node,
        experiment=asked.experiment or None,
        tags=asked.tags,
        interpreter=python,
    )
    return form, errors


def _attempt(errors: list[dict[str, str]], about: str, do: Callable[[], Any]) -> Any:
    try:
        return do()
    except AzureMLException as error:
        errors.append({"field": about, "message": error.message})
        return None


def _python_of(kernels: Any, name: str) -> str:
    """Return the interpreter that a kernel's specification names, as jupyter_client would start it."""
    try:
        spec = kernels.get_kernel_spec(name)
    except (KeyError, ValueError) as error:  # NoSuchKernel is a KeyError
        raise Unfound(f"There is no kernel {name!r}: choose one that this server has.") from error
    command = spec.argv[0] if spec.argv else ""
    if spec.language.lower() != "python":
        raise Unfound(f"The kernel {name!r} runs {spec.language}: choose an environment, or a kernel of Python.")
    if _PYTHON.match(command):
        return sys.executable
    found = shutil.which(command)
    if found is None or not _PYTHON.match(Path(found).name):
        raise Unfound(f"The kernel {name!r} starts {command!r}, which is no Python here: choose an environment.")
    return found
