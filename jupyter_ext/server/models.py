"""The registered models; called by threads."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from jupyter_ext.core.models.model import Model
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.server.channel import PolledChannel
from jupyter_ext.server.find import Unfound, find_workspace
from jupyter_ext.server.zips import Member
from jupyter_ext.store.models import ModelStore


def models(workspace: str) -> list[dict[str, Any]]:
    """List every version of every model, newest first."""
    found = ModelStore(find_workspace(workspace)._paths).records()
    return [
        {
            "name": one.name,
            "version": one.version,
            "run_id": one.run_id,
            "experiment": one.experiment,
            "created": one.created,
            "size": one.size,
            "tags": one.tags,
            "description": one.description,
            "framework": one.framework,
        }
        for one in sorted(found, key=lambda one: -one.created)
    ]


def files_of(workspace: str, name: str, version: str) -> list[Member]:
    """Return the files of a version of a model, by the names that they were registered under.

    Raises
    ------
    Unfound
        There is no such version.
    """
    found = find_workspace(workspace)
    try:
        model = Model(found, name, version=int(version) if version.isdecimal() else -1)
    except AzureMLException as error:
        raise Unfound(error.message) from error
    root = model._store.files(model._record)
    if root.is_file():
        return [Member(root.name, str(root))]
    members = []
    for folder, _, names in os.walk(root):
        for one in sorted(names):
            path = os.path.join(folder, one)  # noqa: PTH118 - os.walk gives text
            members.append(Member(os.path.relpath(path, root.parent), path))
    return members


class ModelsChannel(PolledChannel):
    """The models of a workspace, where they have changed.

    Parameters
    ----------
    name
        What clients call it.
    workspace
        The workspace's name.
    """

    def __init__(self, name: str, workspace: str) -> None:
        super().__init__(name)
        self._workspace = workspace
        self._seen: Any = None
        self._told = b""

    def look(self) -> dict[str, bytes]:
        """Return what has changed since the last look; called by a thread."""
        seen = _changed_at(find_workspace(self._workspace)._paths.models)
        if seen == self._seen:
            return {}
        self._seen = seen
        told = msgspec.json.encode(models(self._workspace))
        if told == self._told:
            return {}
        self._told = told
        return {"models": told}


def _changed_at(root: Any) -> list[tuple[str, int]]:
    """Return when each model's folder, in which its versions are, and each version's record was changed."""
    found = []
    for place, folders, names in os.walk(root):
        depth = os.path.relpath(place, root).count(os.sep)
        if depth >= 1:
            folders.clear()
        for name in (*folders, *(one for one in names if one.endswith(".json"))):
            path = os.path.join(place, name)  # noqa: PTH118 - os.walk gives text
            found.append((path, os.lstat(path).st_mtime_ns))
    return sorted(found)
