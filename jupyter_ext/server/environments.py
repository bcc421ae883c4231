"""The environments: what is built of them, and what a person does with them; called by threads."""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.core.environments import kept, progress
from jupyter_ext.core.environments import versions as registered
from jupyter_ext.core.environments.building import ImageBuildDetails
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.runs.summaries import environment_summary
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.server.channel import PolledChannel
from jupyter_ext.server.find import Unfound, find_workspace

if TYPE_CHECKING:
    from jupyter_ext.core.environments.kept import Stored
    from jupyter_ext.core.workspaces.workspace import Workspace

_LOG_PIECE = 1024 * 1024
_RARELY_SECONDS = 60.0


class Build(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an environment is to be built.

    Attributes
    ----------
    force
        Even where it is built already.
    """

    force: bool = True


def environments(workspace: str) -> list[dict[str, Any]]:
    """List the latest version of each environment, then what is built and no version asks for."""
    found = find_workspace(workspace)
    return [_told(found, one) for one in kept.stored(found)]


def versions(workspace: str, name: str) -> list[dict[str, Any]]:
    """List every version of an environment, the latest last."""
    found = find_workspace(workspace)
    return [_told(found, one) for one in kept.stored(found, _find(found, name).name)]


def log(workspace: str, name: str, version: str, offset: int) -> dict[str, Any]:
    """Give a part of the log of a version's latest build."""
    found = find_workspace(workspace)
    stored = _stored(found, name, version)
    text, size = b"", 0
    if stored.key is not None:
        try:
            with progress.build_log(found, stored.key).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                text = os.pread(file.fileno(), _LOG_PIECE, min(offset, size))
        except FileNotFoundError:
            pass
    whole = text if min(offset, size) + len(text) == size else text[: text.rfind(b"\n") + 1] or text
    at = min(offset, size) + len(whole)
    return {"text": whole.decode("utf-8", "replace"), "offset": at, "size": size, "state": _state(found, stored)}


def build(workspace: str, name: str, version: str, asked: Build) -> dict[str, Any]:
    """Build a version in the background."""
    found = find_workspace(workspace)
    environment = _find(found, name, version)
    key = _stored(found, name, version).key
    if key is None or not progress.is_building(found, key):
        ImageBuildDetails._begin(environment, found, force=asked.force)
    return _told(found, _stored(found, name, version))


def remove(workspace: str, name: str, version: str) -> dict[str, Any]:
    """Remove what a version was built to."""
    found = find_workspace(workspace)
    return {"bytes": kept.remove(found, _find(found, name, version))}


def _find(workspace: Workspace, name: str, version: str | None = None) -> Environment:
    try:
        registered.check_name(name)
        if version is not None:
            registered.check_version(version)
        return Environment.get(workspace, name, version)
    except AzureMLException as error:
        raise Unfound(error.message) from error


def _stored(workspace: Workspace, name: str, version: str) -> Stored:
    environment = _find(workspace, name, version)
    for one in kept.stored(workspace, name):
        if one.environment is not None and one.environment.version == environment.version:
            return one
    raise Unfound(f"There is no version {version} of environment {name!r}.")


def _state(workspace: Workspace, one: Stored) -> str:
    if one.key is not None and progress.is_building(workspace, one.key):
        return "building"
    if one.state in {"not built", "unfinished"} and one.key and progress.build_error(workspace, one.key):
        return "failed"
    return one.state


def _told(workspace: Workspace, one: Stored) -> dict[str, Any]:
    built = one.kept.built if one.kept else None
    said: dict[str, Any] = {"name": None, "version": "", "kind": built.kind if built else "", "packages": []}
    if one.environment is not None:
        said = environment_summary(one.environment)
    state = _state(workspace, one)
    return {
        "what": f"asked for as {one.asked_as}" if one.asked_as else (built.tag if built else "") or "not registered",
        **said,
        "labels": list(one.labels),
        "state": state,
        "building": asdict(progress.build_progress(workspace, str(one.key))) if state == "building" else None,
        "error": progress.build_error(workspace, str(one.key)) if state == "failed" else None,
        "size": one.size,
        "built": one.kept.built_at if one.kept and built else None,
        "runs": len(one.runs),
        "live": len(one.live),
        "python": built.version if built else None,
        "image": built.image if built else None,
        "key": one.key,
    }


class EnvironmentsChannel(PolledChannel):
    """The environments of a workspace, where they have changed, and how far builds are.

    Who uses them is read anew only now and then: it takes a look at every run.

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
        self._mark: Any = None
        self._read_at = 0.0
        self._found: list[dict[str, Any]] = []
        self._told = b""

    def look(self) -> dict[str, bytes]:
        """Return what has changed since the last look; called by a thread."""
        workspace = find_workspace(self._workspace)
        seen, mark, now = _seen(workspace), workspace._catalogue.mark(), time.monotonic()
        used = mark != self._mark and now - self._read_at > _RARELY_SECONDS
        if seen != self._seen or used:
            self._seen, self._mark = seen, mark
            self._found = environments(self._workspace)
            self._read_at = time.monotonic()
        for one in self._found:
            if one["state"] == "building":
                one["building"] = asdict(progress.build_progress(workspace, one["key"]))
        told = msgspec.json.encode(self._found)
        if told == self._told:
            return {}
        self._told = told
        return {"environments": told}


def _seen(workspace: Workspace) -> list[tuple[str, int, bool]]:
    """Return what changes when an environment is registered, is being built, is built, or is removed."""
    found = []
    for place, folders, names in os.walk(workspace._paths.environments):
        inside = Path(place).relative_to(workspace._paths.environments).parts[:1]
        is_registered = inside == ("registered",)
        if inside and not is_registered:
            folders.clear()
        for name in names if is_registered else {"ready.json", "lock"}.intersection(names):
            path = os.path.join(place, name)  # noqa: PTH118 - os.walk gives text
            building = name == "lock" and bool(inside) and progress.is_building(workspace, inside[0])
            found.append((path, os.lstat(path).st_mtime_ns, building))
    return sorted(found)
