"""A workspace's secrets that scripts read by name: in the keyring of this user where there is one, else sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from .locks import locked
from .records import encode, read_record, replace
from .vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .paths import WorkspacePaths


class _Names(msgspec.Struct):
    """What is written down: the names, each with its content type."""

    names: dict[str, str | None] = {}


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
        self._vault = Vault(paths)

    def put(self, secrets: dict[str, str], content_type: str | None = None) -> bool:
        """Keep secrets; return whether their values went into a keyring."""
        keyring = _keyring()
        for name, value in secrets.items():
            if keyring:
                keyring.set_password(self._service, name, value)
                self._vault.delete(_sealed(name))
            else:
                self._vault.put(_sealed(name), value)
        self._change(lambda names: names.update(dict.fromkeys(secrets, content_type)))
        return keyring is not None

    def get(self, name: str) -> str | None:
        """Return a secret, or None where there is none of this name."""
        if name not in self.names():
            return None
        sealed = self._vault.get(_sealed(name))
        if sealed is not None:
            return sealed
        keyring = _keyring()
        value: str | None = keyring.get_password(self._service, name) if keyring else None
        return value

    def names(self) -> dict[str, str | None]:
        """Return the names of all secrets, with their content types."""
        return (read_record(self._file, _Names) or _Names()).names

    def remove(self, name: str) -> None:
        """Remove a secret; harmless where there is none."""
        if name not in self.names():
            return
        self._vault.delete(_sealed(name))
        keyring = _keyring()
        if keyring and keyring.get_password(self._service, name) is not None:
            keyring.delete_password(self._service, name)
        self._change(lambda names: names.pop(name, None))

    def _change(self, change: Callable[[dict[str, str | None]], Any]) -> None:
        with locked(self._file.with_suffix(".lock")):
            names = self.names()
            change(names)
            replace(self._file, encode(_Names(names)))


def _sealed(name: str) -> str:
    return f"keyvault/{name}"


def _keyring() -> Any:
    """Return the ``keyring`` package where it is installed and has somewhere to keep secrets; None otherwise."""
    try:
        import keyring  # noqa: PLC0415 - where it is installed
    except ImportError:
        return None
    return keyring if keyring.get_keyring().priority > 0 else None
