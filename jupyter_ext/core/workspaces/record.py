"""A workspace, as it is kept."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_ext.store.records import encode, read_record, write_once

if TYPE_CHECKING:
    from jupyter_ext.store.paths import WorkspacePaths

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
    description: str | None = None
    tags: dict[str, str] | None = None
    default_cpu: str | None = None
    default_gpu: str | None = None


def make_record(
    paths: WorkspacePaths, subscription_id: str | None, resource_group: str | None, **given: Any
) -> WorkspaceRecord:
    """Write a workspace down, and return what is written: by us, or by another at the same moment."""
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
