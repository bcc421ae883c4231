"""An environment as a folder of files: v1's ``save_to_directory`` and ``load_from_directory``."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from jupyter_ext.core.yaml_text import read_yaml, write_yaml
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException

_DEFINITION = "azureml_environment.json"
_PACKAGES = "conda_dependencies.yml"
_DOCKERFILE = "BaseDockerfile"


def save(definition: dict[str, Any], path: str, *, overwrite: bool) -> None:
    """Write a serialised environment into a folder.

    Raises
    ------
    FileExistsError
        The folder is there, and ``overwrite`` is False.
    """
    folder = Path(path).expanduser()
    if folder.exists() and not overwrite:
        raise FileExistsError(f"{folder} is there already: name another folder, or pass overwrite=True.")
    definition = copy.deepcopy(definition)
    dockerfile = definition["docker"].pop("baseDockerfile", None)
    packages = definition["python"].pop("condaDependencies", None)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / _DEFINITION, json.dumps(definition, indent=4))
    _write(folder / _PACKAGES, write_yaml(packages) if packages else None)
    _write(folder / _DOCKERFILE, dockerfile)


def load(path: str) -> dict[str, Any]:
    """Return the serialised environment that :func:`save` has written into a folder.

    Raises
    ------
    UserErrorException
        It is no such folder, or its files cannot be read.
    """
    folder = Path(path).expanduser()
    file = folder / _DEFINITION
    if not file.is_file():
        raise UserErrorException(f"{folder} holds no environment: {_DEFINITION}, which save_to_directory writes.")
    try:
        definition: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        packages = folder / _PACKAGES
        if packages.exists():
            definition["python"]["condaDependencies"] = read_yaml(packages.read_text(encoding="utf-8"))
        if (folder / _DOCKERFILE).exists():
            definition["docker"]["baseDockerfile"] = (folder / _DOCKERFILE).read_text(encoding="utf-8")
    except (ValueError, KeyError, TypeError) as error:
        raise UserErrorException(f"The environment in {folder} cannot be read: {error}.") from error
    return definition


def _write(file: Path, text: str | None) -> None:
    if text is None:
        file.unlink(missing_ok=True)
    else:
        file.write_text(text, encoding="utf-8")
