"""Registered versions of datasets, and those that runs have used without a name."""

from __future__ import annotations

import os
import time
import uuid
from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.records import encode, read_record, replace, write_once

from .data_records import DatasetRecord
from .places import seal

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.store.paths import WorkspacePaths

_UNNAMED = ".unnamed"


def sealed(paths: WorkspacePaths, record: DatasetRecord) -> DatasetRecord:
    """Return a dataset as it may be written down: what is secret of its addresses is in the vault."""
    return msgspec.structs.replace(record, sources=[seal(paths, source) for source in record.sources])


def keep(paths: WorkspacePaths, record: DatasetRecord) -> DatasetRecord:
    """Write down a dataset that has no name, so that it is found by its id."""
    if record.id:
        return record
    record = sealed(paths, record)
    record = msgspec.structs.replace(record, id=record.identity, created=time.time())
    write_once(paths.datasets / _UNNAMED / f"{record.id}.json", encode(record))
    return record


def register(
    paths: WorkspacePaths, record: DatasetRecord, name: str, *, create_new_version: bool, same_again: bool = False
) -> DatasetRecord:
    """Write a dataset down as the next version of a name: two who register at once get two versions.

    Parameters
    ----------
    create_new_version
        Whether the name may be taken.
    same_again
        Whether a version may be just like an earlier one, as the files of a run's output are others.

    Raises
    ------
    UserErrorException
        The name is taken and no new version is asked for, or a version is exactly this.
    """
    record = sealed(paths, record)
    while True:
        known = versions(paths, name)
        if known and not same_again:
            _refuse(known, record, name, create_new_version=create_new_version)
        version = max((one.version or 0 for one in known), default=0) + 1
        whole = msgspec.structs.replace(record, name=name, version=version, id=str(uuid.uuid4()), created=time.time())
        if write_once(_file(paths, name, version), encode(whole)):
            return whole


def _refuse(known: list[DatasetRecord], record: DatasetRecord, name: str, *, create_new_version: bool) -> None:
    same = next((one for one in known if one.definition == record.definition), None)
    if same is not None and (not create_new_version or _described(same) == _described(record)):
        raise UserErrorException(
            f"An identical dataset is registered already: Dataset.get_by_name(ws, {name!r}, version={same.version})."
        )
    if not create_new_version:
        raise UserErrorException(
            f"There is already a dataset registered under name {name!r}. To register this one as its next version, "
            "pass create_new_version=True."
        )


def _described(record: DatasetRecord) -> tuple[str | None, dict[str, str | None]]:
    return record.description, record.tags


def versions(paths: WorkspacePaths, name: str) -> list[DatasetRecord]:
    """Return the versions of a dataset, oldest first."""
    folder = _folder(paths, name)
    files = folder.glob("[0-9]*.json") if folder.is_dir() else ()
    found = [record for file in files if (record := read_record(file, DatasetRecord)) is not None]
    return sorted(found, key=lambda record: record.version or 0)


def names(paths: WorkspacePaths) -> list[str]:
    """Return the names of the registered datasets."""
    folders = paths.datasets.iterdir() if paths.datasets.is_dir() else ()
    return sorted(folder.name for folder in folders if not folder.name.startswith(".") and any(folder.iterdir()))


def find_id(paths: WorkspacePaths, identity: str) -> DatasetRecord | None:
    """Return the dataset of an id, registered or used by a run."""
    if os.sep in identity:
        return None
    unnamed = read_record(paths.datasets / _UNNAMED / f"{identity}.json", DatasetRecord)
    if unnamed is not None:
        return unnamed
    every = (record for name in names(paths) for record in versions(paths, name))
    return next((record for record in every if record.id == identity), None)


def update(paths: WorkspacePaths, record: DatasetRecord) -> None:
    """Write down what was changed of a registered version: its description or tags."""
    if record.name is not None and record.version is not None:
        replace(_file(paths, record.name, record.version), encode(record))


def forget(paths: WorkspacePaths, name: str) -> None:
    """Remove every version of a dataset; the files that it names stay."""
    for record in versions(paths, name):
        _file(paths, name, record.version or 0).unlink(missing_ok=True)


def _folder(paths: WorkspacePaths, name: str) -> Path:
    return paths.datasets / name


def _file(paths: WorkspacePaths, name: str, version: int) -> Path:
    return _folder(paths, name) / f"{version}.json"
