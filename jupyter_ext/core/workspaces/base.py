"""What a workspace is: its names, and what is written down of it."""

from __future__ import annotations

import json
import re
import shutil
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from jupyter_ext.core.notices import ignored
from jupyter_ext.core.times import iso
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException, WorkspaceException
from jupyter_ext.store.catalogue import Catalogue
from jupyter_ext.store.locks import locked
from jupyter_ext.store.paths import WorkspacePaths, home
from jupyter_ext.store.records import encode, read_record, replace

from .cloud import WorkspaceCloud
from .record import WorkspaceRecord, make_record

_NAME = re.compile(r"^[A-Za-z0-9][\w-]{2,32}\Z", re.ASCII)


class WorkspaceBase(WorkspaceCloud):
    """A workspace of this user; see :class:`Workspace`."""

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
        name = checked_name(workspace_name)
        self._paths = WorkspacePaths(home() / name)
        record = read_record(self._paths.record, WorkspaceRecord)
        if record is None:
            record = make_record(self._paths, subscription_id, resource_group, location=_location, tags=tags)
            print(f"Workspace {name!r} is made on this machine: {self._paths.root}")  # noqa: T201 - one line, as promised
        self._record = record

    @cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue(self._paths)

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
            "description": record.description or "",
            "creationTime": iso(record.created),
            "storageAccount": str(self._paths.root),
        }

    def update(
        self,
        friendly_name: str | None = None,
        description: str | None = None,
        tags: dict[str, str] | None = None,
        image_build_compute: Any = None,
        service_managed_resources_settings: Any = None,
        primary_user_assigned_identity: Any = None,
        allow_public_access_when_behind_vnet: Any = None,
        v1_legacy_mode: Any = None,
    ) -> dict[str, Any]:
        """Change the friendly name, the description or the tags; return :meth:`get_details`.

        Images are built on this machine, and v1's other parameters have no meaning here.
        """
        ignored(
            "cloud resources and identities",
            image_build_compute=image_build_compute,
            service_managed_resources_settings=service_managed_resources_settings,
            primary_user_assigned_identity=primary_user_assigned_identity,
            allow_public_access_when_behind_vnet=allow_public_access_when_behind_vnet,
            v1_legacy_mode=v1_legacy_mode,
        )
        changes = {"friendly_name": friendly_name, "description": description, "tags": tags}
        self._change(**{name: value for name, value in changes.items() if value is not None})
        return self.get_details()

    def _change(self, **changes: Any) -> None:
        with locked(self._paths.record.with_suffix(".lock")):
            kept = read_record(self._paths.record, WorkspaceRecord) or self._record
            self._record = msgspec.structs.replace(kept, **changes)
            replace(self._paths.record, encode(self._record))

    def write_config(self, path: str | None = None, file_name: str | None = None) -> None:
        """Write ``.azureml/config.json`` under ``path``, or into it where it is ``.azureml`` itself."""
        folder = Path(path or ".")
        folder = folder if folder.name == ".azureml" else folder / ".azureml"
        file = folder / (file_name or "config.json")
        file.parent.mkdir(parents=True, exist_ok=True)
        content = {"Id": self._record.id, "Scope": self.get_details()["id"]}
        file.write_text(json.dumps(content, indent=4) + "\n", encoding="utf-8")

    def delete(self, delete_dependent_resources: bool = False, no_wait: bool = False) -> None:
        """Remove the workspace with all that it holds.

        Raises
        ------
        WorkspaceException
            It holds runs, models or data, and ``delete_dependent_resources`` is False.
        """
        del no_wait
        kept = (self._paths.runs, self._paths.models, self._paths.datasets, self._paths.data)
        held = [one.name for one in kept if one.is_dir() and any(one.iterdir())]
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
        return isinstance(other, WorkspaceBase) and other._paths == self._paths

    def __hash__(self) -> int:
        return hash(self._paths)


def checked_name(name: str | None) -> str:
    """Return a workspace's name.

    Raises
    ------
    UserErrorException
        It cannot be one.
    """
    if not name or not _NAME.match(name):
        raise UserErrorException(
            f"{name!r} cannot be a workspace's name: use 3 to 33 letters, digits, '-' and '_', a letter or digit first."
        )
    return name
