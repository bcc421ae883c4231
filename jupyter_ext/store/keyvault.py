"""A workspace's secrets: in the keyring of this user where there is one, else in a file that only they can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from .locks import locked
from .records import read_record, replace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .paths import WorkspacePaths


class _Kept(msgspec.Struct):
    """The file: names with their content types, and values where there is no keyring."""

    names: dict[str, str | None] = {}
    values: dict[str, str] = {}


class SecretStore:
    """The secrets of one workspace.

    Parameters
    ----------
    paths
        The workspace.
    """

    def __init__(self, paths: WorkspacePaths) -> None:
        self._file: Path = paths.keyvault
        self._service = f"jupyter-aml:{paths.root}"

    @property
    def file(self) -> Path:
        """Where names are kept, and values where there is no keyring."""
        return self._file

    def put(self, secrets: dict[str, str], content_type: str | None = None) -> bool:
        """Keep secrets; return whether their values went into a keyring."""
        keyring = _keyring()
        for name, value in secrets.items() if keyring else ():
            keyring.set_password(self._service, name, value)

        def change(kept: _Kept) -> None:
            kept.names.update(dict.fromkeys(secrets, content_type))
            for name, value in secrets.items():
                kept.values.pop(name, None)
                if not keyring:
                    kept.values[name] = value

        self._change(change)
        return keyring is not None

    def get(self, name: str) -> str | None:
        """Return a secret, or None where there is none of this name."""
        kept = self._read()
        if name in kept.values:
            return kept.values[name]
        keyring = _keyring() if name in kept.names else None
        value: str | None = keyring.get_password(self._service, name) if keyring else None
        return value

    def names(self) -> dict[str, str | None]:
        """Return the names of all secrets, with their content types."""
        return self._read().names

    def remove(self, name: str) -> bool:
        """Remove a secret; return whether there was one."""
        kept = self._read()
        if name not in kept.names:
            return False
        keyring = _keyring() if name not in kept.values else None
        if keyring and keyring.get_password(self._service, name) is not None:
            keyring.delete_password(self._service, name)

        def change(kept: _Kept) -> None:
            kept.names.pop(name, None)
            kept.values.pop(name, None)

        self._change(change)
        return True

    def _read(self) -> _Kept:
        return read_record(self._file, _Kept) or _Kept()

    def _change(self, change: Callable[[_Kept], None]) -> None:
        with locked(self._file.with_suffix(".lock")):
            kept = self._read()
            change(kept)
            replace(self._file, msgspec.json.encode(kept), private=True)


def _keyring() -> Any:
    """Return the ``keyring`` package where it is installed and has somewhere to keep secrets; None otherwise."""
    try:
        import keyring  # noqa: PLC0415 - where it is installed
    except ImportError:
        return None
    return keyring if keyring.get_keyring().priority > 0 else None
