"""v1's configuration files: which workspace a folder belongs to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterator


def find_config(path: str | None, file_name: str | None = None) -> Path | None:
    """Return the configuration file that is ``path``, or is found from there; None where there is none.

    Raises
    ------
    UserErrorException
        ``path`` is not there.
    """
    start = Path(path or ".").absolute()
    if start.is_file():
        return start
    if not start.exists():
        raise UserErrorException(f"There is no configuration file or folder {path}.")
    return next((file for file in _config_candidates(start, file_name) if file.is_file()), None)


def _config_candidates(start: Path, file_name: str | None) -> Iterator[Path]:
    names = (file_name,) if file_name else ("config.json", "project.json")
    for name in names:
        for folder in (".azureml", "aml_config", "."):
            for parent in (start, *start.parents):
                yield parent / folder / name


def read_config(file: Path) -> tuple[str | None, str | None, str]:
    """Return the subscription, the resource group and the name of the workspace that a file names.

    Raises
    ------
    UserErrorException
        It names none.
    """
    content = _content(file)
    if "workspace_name" in content:
        return content.get("subscription_id"), content.get("resource_group"), content["workspace_name"]
    scope = _scope(content)
    if "workspaces" in scope:
        return scope.get("subscriptions"), scope.get("resourcegroups"), scope["workspaces"]
    raise UserErrorException(
        f"{file} names no workspace. It needs subscription_id, resource_group and workspace_name, or Id and Scope."
    )


def experiment_of(file: Path) -> str | None:
    """Return the experiment that a project's file names, if it names one (v1's ``projects`` in ``Scope``)."""
    scope = _scope(_content(file))
    return scope.get("projects") or scope.get("experiments")


def _content(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserErrorException(f"{file} is not JSON: {error}") from error
    return content if isinstance(content, dict) else {}


def _scope(content: dict[str, Any]) -> dict[str, str]:
    parts = str(content.get("Scope", "")).strip("/").split("/")
    return dict(zip(map(str.lower, parts[::2]), parts[1::2], strict=False))
