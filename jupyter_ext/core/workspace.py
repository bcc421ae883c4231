"""A workspace: a folder under the home that holds experiments, runs, environments, compute targets and models."""

from __future__ import annotations

import json
import re
import shutil
import time
import uuid
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException, WorkspaceException
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.paths import WorkspacePaths, home
from jupyter_ext.store.records import encode, read_record, write_once

from .times import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .compute import ComputeTarget
    from .environment import Environment
    from .experiment import Experiment
    from .model import Model
    from .run import Run

DEFAULT_NAME = "default"
_NAME = re.compile(r"^[A-Za-z0-9][\w-]{2,32}\Z", re.ASCII)
_LOCAL = "local"


class WorkspaceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace, as it is kept; subscription and resource group are v1's words, kept for its notebooks."""

    name: str
    id: str
    created: float
    subscription_id: str = _LOCAL
    resource_group: str = _LOCAL
    location: str = _LOCAL
    friendly_name: str | None = None
    tags: dict[str, str] | None = None


class Workspace:
    """A workspace of this user.

    A workspace that a notebook names and that is not there yet is made, with one line that says so: a configuration
    file from v1's cloud names one that only ever existed there.

    Parameters
    ----------
    subscription_id, resource_group
        Kept, and given back; they have no meaning here.
    workspace_name
        Its name, 3 to 33 letters, digits, ``-`` and ``_``.
    """

    def __init__(
        self,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        workspace_name: str | None = None,
        auth: Any = None,
        _location: str | None = None,
        _disable_service_check: bool = False,
        _workspace_id: str | None = None,
        sku: str = "basic",
        tags: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        del auth, _disable_service_check, _workspace_id, sku, kwargs
        name = _checked(workspace_name)
        self._paths = WorkspacePaths(home() / name)
        record = read_record(self._paths.record, WorkspaceRecord)
        if record is None:
            record = _make(self._paths, subscription_id, resource_group, location=_location, tags=tags)
            print(f"Workspace {name!r} is made on this machine: {self._paths.root}")  # noqa: T201 - one line, as promised
        self._record = record

    @cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue(self._paths)

    @staticmethod
    def from_config(
        path: str | None = None, auth: Any = None, _logger: Any = None, _file_name: str | None = None
    ) -> Workspace:
        """Return the workspace that a configuration file names; with no file, this user's default workspace.

        Looked for, as in v1: ``path`` when it is a file; else ``.azureml/``, ``aml_config/`` and the folder itself,
        each walking up to the root, for ``config.json`` and then ``project.json``.

        Raises
        ------
        UserErrorException
            ``path`` is not there, or the file names no workspace.
        """
        del auth, _logger
        file = _find_config(path, _file_name)
        if file is None:
            workspace = _default()
            print(  # noqa: T201 - one line, as promised
                f"No config.json here: using your default workspace, {workspace._paths.root}"
            )
            return workspace
        subscription_id, resource_group, name = _read_config(file)
        return Workspace(subscription_id, resource_group, name)

    @staticmethod
    def create(
        name: str,
        auth: Any = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        location: str | None = None,
        create_resource_group: bool = True,
        sku: str = "basic",
        tags: dict[str, str] | None = None,
        friendly_name: str | None = None,
        exist_ok: bool = False,
        show_output: bool = True,
        **kwargs: Any,
    ) -> Workspace:
        """Make a workspace; v1's parameters for cloud resources are accepted and have no meaning here.

        Raises
        ------
        WorkspaceException
            It exists, and ``exist_ok`` is False.
        """
        del auth, create_resource_group, sku, kwargs
        paths = WorkspacePaths(home() / _checked(name))
        if paths.record.exists():
            if not exist_ok:
                raise WorkspaceException(f"Workspace {name!r} exists. Use Workspace.get, or pass exist_ok=True.")
        else:
            _make(
                paths,
                subscription_id,
                resource_group,
                location=location,
                tags=tags,
                friendly_name=friendly_name,
            )
            if show_output:
                print(f"Workspace {name!r} is made: {paths.root}")  # noqa: T201 - asked for by show_output
        return Workspace.get(name)

    @staticmethod
    def get(
        name: str,
        auth: Any = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        location: str | None = None,
        cloud: str = "AzureCloud",
        id: str | None = None,  # noqa: A002 - v1's name
    ) -> Workspace:
        """Return a workspace that exists.

        Raises
        ------
        WorkspaceException
            There is none of this name.
        """
        del auth, location, cloud, id
        if not WorkspacePaths(home() / _checked(name)).record.exists():
            known = ", ".join(Workspace.list()) or "none yet"
            raise WorkspaceException(
                f"There is no workspace {name!r} in {home()} (there: {known}). Make it with Workspace.create({name!r})."
            )
        return Workspace(subscription_id, resource_group, name)

    @staticmethod
    def list(
        subscription_id: str | None = None, auth: Any = None, resource_group: str | None = None
    ) -> dict[str, list[Workspace]]:
        """Return this user's workspaces: name -> a list of one, as v1 shapes it."""
        del subscription_id, auth, resource_group
        folders = sorted(home().iterdir()) if home().is_dir() else []
        names = [folder.name for folder in folders if WorkspacePaths(folder).record.exists()]
        return {name: [Workspace(workspace_name=name)] for name in names}

    @property
    def name(self) -> str:
        """The workspace's name."""
        return self._record.name

    @property
    def subscription_id(self) -> str:
        """What it was made with; no meaning here."""
        return self._record.subscription_id

    @property
    def resource_group(self) -> str:
        """What it was made with; no meaning here."""
        return self._record.resource_group

    @property
    def location(self) -> str:
        """What it was made with, else ``local``."""
        return self._record.location

    @property
    def sku(self) -> str:
        """Always ``Basic``."""
        return "Basic"

    @property
    def tags(self) -> dict[str, str]:
        """The workspace's tags."""
        return dict(self._record.tags or {})

    @property
    def compute_targets(self) -> dict[str, ComputeTarget]:
        """The compute targets by name."""
        from .compute import ComputeTarget  # noqa: PLC0415 - compute needs the workspace

        return {target.name: target for target in ComputeTarget.list(self)}

    @property
    def environments(self) -> dict[str, Environment]:
        """The latest version of each registered environment by name."""
        from .environment import Environment  # noqa: PLC0415 - environment needs the workspace

        return Environment.list(self)

    @property
    def experiments(self) -> dict[str, Experiment]:
        """The experiments by name."""
        from .experiment import Experiment  # noqa: PLC0415 - experiment needs the workspace

        return {experiment.name: experiment for experiment in Experiment.list(self)}

    @property
    def models(self) -> dict[str, Model]:
        """The latest version of each model by name."""
        from .model import Model  # noqa: PLC0415 - model needs the workspace

        return {model.name: model for model in Model.list(self, latest=True)}

    def get_run(self, run_id: str) -> Run:
        """Return a run by its id."""
        from .run import Run  # noqa: PLC0415 - run needs the workspace

        return Run.get(self, run_id)

    def get_details(self) -> dict[str, Any]:
        """Return what is known about the workspace, under v1's keys."""
        record = self._record
        scope = f"/subscriptions/{record.subscription_id}/resourceGroups/{record.resource_group}"
        return {
            "id": f"{scope}/providers/Microsoft.MachineLearningServices/workspaces/{record.name}",
            "name": record.name,
            "location": record.location,
            "type": "Microsoft.MachineLearningServices/workspaces",
            "tags": dict(record.tags or {}),
            "sku": "Basic",
            "workspaceid": record.id,
            "friendlyName": record.friendly_name or record.name,
            "creationTime": iso(record.created),
            "storageAccount": str(self._paths.root),
        }

    def write_config(self, path: str | None = None, file_name: str | None = None) -> None:
        """Write ``.azureml/config.json`` under ``path``, for :meth:`from_config` to find."""
        file = Path(path or ".") / ".azureml" / (file_name or "config.json")
        file.parent.mkdir(parents=True, exist_ok=True)
        content = {"Id": self._record.id, "Scope": self.get_details()["id"]}
        file.write_text(json.dumps(content, indent=4) + "\n", encoding="utf-8")

    def delete(self, delete_dependent_resources: bool = False, no_wait: bool = False) -> None:
        """Remove the workspace with all that it holds.

        Raises
        ------
        WorkspaceException
            It holds runs or models, and ``delete_dependent_resources`` is False.
        """
        del no_wait
        held = [one.name for one in (self._paths.runs, self._paths.models) if one.is_dir() and any(one.iterdir())]
        if held and not delete_dependent_resources:
            raise WorkspaceException(
                f"Workspace {self.name!r} holds {' and '.join(held)}. "
                "To delete them with it, pass delete_dependent_resources=True."
            )
        shutil.rmtree(self._paths.root)

    def __repr__(self) -> str:
        return (
            f"Workspace.create(name='{self.name}', subscription_id='{self.subscription_id}', "
            f"resource_group='{self.resource_group}')"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Workspace) and other._paths == self._paths

    def __hash__(self) -> int:
        return hash(self._paths)


def _checked(name: str | None) -> str:
    if not name or not _NAME.match(name):
        raise UserErrorException(
            f"{name!r} cannot be a workspace's name: use 3 to 33 letters, digits, '-' and '_', a letter or digit first."
        )
    return name


def _make(
    paths: WorkspacePaths, subscription_id: str | None, resource_group: str | None, **given: Any
) -> WorkspaceRecord:
    given["location"] = given.get("location") or _LOCAL
    record = WorkspaceRecord(
        name=paths.name,
        id=str(uuid.uuid4()),
        created=time.time(),
        subscription_id=subscription_id or _LOCAL,
        resource_group=resource_group or _LOCAL,
        **given,
    )
    write_once(paths.record, encode(record))
    kept = read_record(paths.record, WorkspaceRecord)
    assert kept is not None  # noqa: S101 - it was written just now, by us or by another
    return kept


def _default() -> Workspace:
    paths = WorkspacePaths(home() / DEFAULT_NAME)
    if not paths.record.exists():
        _make(paths, None, None)
    return Workspace(workspace_name=DEFAULT_NAME)


def _find_config(path: str | None, file_name: str | None) -> Path | None:
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


def _read_config(file: Path) -> tuple[str | None, str | None, str]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserErrorException(f"{file} is not JSON: {error}") from error
    if isinstance(content, dict) and "workspace_name" in content:
        return content.get("subscription_id"), content.get("resource_group"), content["workspace_name"]
    parts = str(content.get("Scope", "") if isinstance(content, dict) else "").strip("/").split("/")
    scope = dict(zip(map(str.lower, parts[::2]), parts[1::2], strict=False))
    if "workspaces" in scope:
        return scope.get("subscriptions"), scope.get("resourcegroups"), scope["workspaces"]
    raise UserErrorException(
        f"{file} names no workspace. It needs subscription_id, resource_group and workspace_name, or Id and Scope."
    )
