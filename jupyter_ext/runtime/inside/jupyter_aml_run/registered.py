"""Registered datasets that a run was not given: those whose files this machine has, where the run can see them."""

import json
import os

TYPE_CHECKING = False  # importing typing costs more than it tells
if TYPE_CHECKING:
    from typing import Any, Iterator

_LOCAL = "file://"


def registered(name: "str | None" = None, version: "Any" = None, id: "str | None" = None) -> "dict[str, Any] | None":  # noqa: A002 - v1's name
    """Describe a dataset of the run's workspace as an input is described; None where the run cannot see it.

    Parameters
    ----------
    name
        What it is registered under.
    version
        Which; the latest where it is None.
    id
        Its id, in place of a name.
    """
    root = os.path.join(os.environ.get("AML_RUN_DIR", ""), os.pardir, os.pardir)
    if name is not None and os.path.basename(name) != name:
        return None
    found = [
        one
        for one in _records(root, name)
        if id in {None, one["id"]} and str(version or one["version"]) == str(one["version"])
    ]
    if not found:
        return None
    record = max(found, key=lambda one: int(one["version"]))
    from .making import local_files  # noqa: PLC0415 - it imports this module's user

    files = []
    for source in record["sources"]:
        path = _path(root, source)
        if path is None:
            return None
        files += local_files(path)
    return dict(record, files=files)


def _records(root: str, name: "str | None") -> "Iterator[dict[str, Any]]":
    folder = os.path.join(root, "datasets")
    for one in [name] if name is not None else _names(folder):
        for file in _names(os.path.join(folder, one)):
            if file.endswith(".json"):
                with open(os.path.join(folder, one, file), encoding="utf-8") as opened:
                    yield json.load(opened)


def _names(folder: str) -> "list[str]":
    return [one for one in os.listdir(folder) if not one.startswith(".")] if os.path.isdir(folder) else []


def _path(root: str, source: "dict[str, Any]") -> "str | None":
    """Give where a source lies on this machine; None where it lies elsewhere."""
    store = source.get("datastore")
    if store is None:
        return source["path"][len(_LOCAL) :] if source["path"].startswith(_LOCAL) else None
    try:
        with open(os.path.join(root, "datastores", store + ".json"), encoding="utf-8") as opened:
            url = json.load(opened)["url"]
    except FileNotFoundError:
        url = _LOCAL + os.path.abspath(os.path.join(root, "data", store))
    return os.path.join(url[len(_LOCAL) :], source["path"]) if url.startswith(_LOCAL) else None
