"""Registered environments: a file for each version, and labels that point to versions."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.locks import locked
from jupyter_ext.store.records import EnvironmentRecord, encode, read_record, replace, write_once

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.store.paths import WorkspacePaths

_NAME = re.compile(r"^[A-Za-z0-9][\w.\-]{0,254}\Z", re.ASCII)
_NUMBERS = re.compile(r"\d+")
_LATEST = "latest"


def check_name(name: str | None) -> str:
    """Return a name, unless an environment cannot be registered under it.

    Raises
    ------
    UserErrorException
        The name is missing or not legal.
    """
    if not name or not _NAME.match(name):
        raise UserErrorException(
            f"{name!r} cannot be an environment's name: use letters, digits, '-', '.' and '_', up to 255."
        )
    return name


def check_version(version: str) -> str:
    """Return a version, unless it is not legal.

    Raises
    ------
    UserErrorException
        It is not legal.
    """
    if not _NAME.match(version):
        raise UserErrorException(f"{version!r} cannot be a version: use letters, digits, '-', '.' and '_'.")
    return version


def names(paths: WorkspacePaths) -> list[str]:
    """Return the names that are registered."""
    folder = paths.environments / "registered"
    return sorted(unquote(one.name) for one in folder.iterdir()) if folder.is_dir() else []


def versions(paths: WorkspacePaths, name: str) -> list[str]:
    """Return the versions of a name, the latest last."""
    folder = file_of(paths, name, "0").parent
    found = [file.stem for file in folder.iterdir() if file.suffix == ".json"] if folder.is_dir() else []
    return sorted(found, key=lambda version: ([int(number) for number in _NUMBERS.findall(version)], version))


def next_version(paths: WorkspacePaths, name: str) -> str:
    """Return the version after the latest."""
    found = versions(paths, name)
    numbers = _NUMBERS.findall(found[-1]) if found else []
    return str(int(numbers[0]) + 1) if numbers else "1"


def file_of(paths: WorkspacePaths, name: str, version: str) -> Path:
    """Return where a version is kept."""
    return paths.environments / "registered" / quote(name, safe="") / f"{version}.json"


def read(paths: WorkspacePaths, name: str, version: str) -> EnvironmentRecord | None:
    """Return a version, or None where there is none."""
    return read_record(file_of(paths, name, version), EnvironmentRecord)


def version_of(paths: WorkspacePaths, definition: dict[str, Any]) -> str | None:
    """Return the latest version that a definition, as a run keeps it, is registered as, or None."""
    name, wanted = str(definition["name"]), {**definition, "version": None}
    for version in reversed(versions(paths, name)):
        record = read(paths, name, version)
        if record is not None and record.definition == wanted:
            return version
    return None


def add(paths: WorkspacePaths, name: str, version: str, definition: dict[str, Any]) -> bool:
    """Keep a version; return False when there is one already."""
    record = EnvironmentRecord(name=name, version=version, created=time.time(), definition=definition)
    return write_once(file_of(paths, name, version), encode(record))


def labels(paths: WorkspacePaths, name: str) -> dict[str, str]:
    """Return which version each label of a name points to; ``latest`` is always there."""
    found = versions(paths, name)
    try:
        kept: dict[str, str] = json.loads(_labels_file(paths, name).read_bytes())
    except FileNotFoundError:
        kept = {}
    return {**kept, _LATEST: found[-1]} if found else {}


def add_labels(paths: WorkspacePaths, name: str, version: str, given: list[str]) -> None:
    """Let labels point to a version; where they pointed to another, they move.

    Raises
    ------
    UserErrorException
        A label is not legal, or is ``latest``, which moves by itself.
    """
    for label in given:
        if label == _LATEST or not _NAME.match(str(label)):
            why = "moves by itself" if label == _LATEST else "may have letters, digits, '-', '.' and '_' only"
            raise UserErrorException(f"{label!r} cannot be set as a label: it {why}.")
    file = _labels_file(paths, name)
    with locked(file.with_name(".lock")):
        kept = {label: each for label, each in labels(paths, name).items() if label != _LATEST}
        replace(file, json.dumps({**kept, **dict.fromkeys(given, version)}, indent=2).encode())


def _labels_file(paths: WorkspacePaths, name: str) -> Path:
    return file_of(paths, name, "0").with_name("labels")
