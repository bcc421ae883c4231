"""The registry that a workspace's images are pushed to: a small file beside its environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from jupyter_ext.build.definition import Registry
from jupyter_ext.store.records import replace

if TYPE_CHECKING:
    from pathlib import Path


class _Record(msgspec.Struct, frozen=True, omit_defaults=True):
    address: str
    username: str | None = None
    password_variable: str | None = None


def read(root: Path) -> Registry | None:
    """Return the registry of a workspace, or None where it names none.

    Parameters
    ----------
    root
        The folder of all environments of the workspace.
    """
    try:
        record = msgspec.json.decode(_file(root).read_bytes(), type=_Record)
    except (OSError, msgspec.DecodeError):
        return None
    return Registry(record.address, record.username, record.password_variable)


def write(root: Path, registry: Registry | None) -> None:
    """Keep the registry of a workspace, without its password; None names none any more."""
    if registry is None:
        _file(root).unlink(missing_ok=True)
        return
    record = _Record(registry.address, registry.username, registry.password_variable)
    replace(_file(root), msgspec.json.encode(record))


def _file(root: Path) -> Path:
    return root / "registry.json"
