"""The registry that a workspace's images are pushed to: a small file beside its environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .records import replace

if TYPE_CHECKING:
    from pathlib import Path


class ImageRegistry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A registry.

    Attributes
    ----------
    address
        Its host, with its port where it has one, and the path of a project where it has that.
    username
        Who pushes; None to leave it to what ``docker login`` has stored.
    password_variable
        The name of the environment variable that holds the password, or None.
    """

    address: str
    username: str | None = None
    password_variable: str | None = None


def read_registry(root: Path) -> ImageRegistry | None:
    """Return the registry of a workspace, or None where it names none.

    Parameters
    ----------
    root
        The folder of all environments of the workspace.
    """
    try:
        return msgspec.json.decode(_file(root).read_bytes(), type=ImageRegistry)
    except (OSError, msgspec.DecodeError):
        return None


def write_registry(root: Path, registry: ImageRegistry | None) -> None:
    """Keep the registry of a workspace; None names none any more."""
    if registry is None:
        _file(root).unlink(missing_ok=True)
    else:
        replace(_file(root), msgspec.json.encode(registry))


def _file(root: Path) -> Path:
    return root / "registry.json"
