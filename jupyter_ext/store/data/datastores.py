"""Datastores of a workspace: records, their secrets, and the file system that each is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.records import encode, read_record, replace
from jupyter_ext.store.vault import Vault

from .addresses import scrubbed
from .data_records import DatastoreRecord

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

    from jupyter_ext.store.paths import WorkspacePaths

DEFAULT = "workspaceblobstore"
_BUILT_IN = {
    DEFAULT: ("AzureBlob", {"container_name": "azureml-blobstore"}),
    "workspacefilestore": ("AzureFile", {"container_name": "azureml-filestore"}),
}
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"} | dict.fromkeys(
    ("abfs", "abfss", "az", "wasb", "wasbs", "adl"), "azure"
)
_DEFAULT_FILE = ".default"


class StorageException(UserErrorException):
    """A datastore or an address cannot be read or written; the message says which and why."""


def find(paths: WorkspacePaths, name: str) -> DatastoreRecord | None:
    """Return the record of a datastore, or None."""
    record = read_record(paths.datastores / f"{name}.json", DatastoreRecord)
    if record is None and name in _BUILT_IN:
        kind, shown = _BUILT_IN[name]
        shown = {**shown, "account_name": "local"}
        record = DatastoreRecord(name=name, type=kind, url=f"file://{paths.data / name}", shown=shown)
    return record


def names(paths: WorkspacePaths) -> list[str]:
    """Return the names of the datastores, those that every workspace has first."""
    registered = sorted(file.stem for file in paths.datastores.glob("*.json")) if paths.datastores.is_dir() else []
    return [*_BUILT_IN, *(name for name in registered if name not in _BUILT_IN)]


def save(paths: WorkspacePaths, record: DatastoreRecord, secrets: dict[str, Any]) -> None:
    """Keep a datastore, its secrets apart from it."""
    if secrets:
        Vault(paths).put(_secret(record.name), json.dumps(secrets))
    else:
        Vault(paths).delete(_secret(record.name))
    replace(paths.datastores / f"{record.name}.json", encode(record))


def forget(paths: WorkspacePaths, name: str) -> None:
    """Remove a datastore's record and secrets; what it holds stays where it is."""
    (paths.datastores / f"{name}.json").unlink(missing_ok=True)
    Vault(paths).delete(_secret(name))
    if default(paths) == name:
        (paths.datastores / _DEFAULT_FILE).unlink(missing_ok=True)


def default(paths: WorkspacePaths) -> str:
    """Return the name of the default datastore."""
    try:
        return (paths.datastores / _DEFAULT_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return DEFAULT


def set_default(paths: WorkspacePaths, name: str) -> None:
    """Make a datastore the default one."""
    replace(paths.datastores / _DEFAULT_FILE, name.encode())


def secrets_of(paths: WorkspacePaths, name: str) -> dict[str, Any]:
    """Return what a datastore's driver is told and nobody else is."""
    text = Vault(paths).get(_secret(name))
    secrets: dict[str, Any] = json.loads(text) if text else {}
    return secrets


def file_system(url: str, options: dict[str, Any], who: str) -> tuple[AbstractFileSystem, str]:
    """Return the file system of a URL, and the path in it.

    Parameters
    ----------
    url
        As fsspec writes it.
    options
        What its driver is told.
    who
        What messages call it.

    Raises
    ------
    StorageException
        Its driver is not installed, or does not take the options.
    """
    protocol = url.partition("://")[0] if "://" in url else "file"
    if protocol in ("http", "https"):
        from .web_files import WebFiles  # noqa: PLC0415 - it needs fsspec, which takes 20 ms

        return WebFiles(), url
    from fsspec.core import url_to_fs  # noqa: PLC0415 - 20 ms, for those who have data

    try:
        fs, root = url_to_fs(url, skip_instance_cache=True, use_listings_cache=False, **options)
    except ImportError as error:
        extra = _EXTRAS.get(protocol)
        remedy = f"pip install 'jupyter-aml[{extra}]'" if extra else f"install it: {error}"
        raise StorageException(f"{who} lies on {protocol}://, whose driver is not installed: {remedy}.") from None
    except (TypeError, ValueError) as error:
        raise StorageException(f"{who} cannot be reached at {protocol}://: {_scrubbed(error, url, options)}.") from None
    return fs, str(root)


def _secret(name: str) -> str:
    return f"datastore/{name}"


def _scrubbed(error: Exception, url: str, options: dict[str, Any]) -> str:
    text = scrubbed(str(error), url) or type(error).__name__
    for value in options.values():
        if isinstance(value, str) and value:
            text = text.replace(value, "***")
    return text.rstrip(".")
