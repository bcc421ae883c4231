"""A workspace's key vault: secrets that scripts read by name, so that no notebook holds them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_ext.core.notices import notice_once
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.keyvault import SecretStore

if TYPE_CHECKING:
    from .workspace import Workspace

_NAME = re.compile(r"^[0-9A-Za-z-]{1,127}\Z")


class Keyvault:
    """The secrets of a workspace, kept in this user's keyring, else in a file that only they can read.

    Parameters
    ----------
    workspace
        The workspace.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._vault = SecretStore(workspace._paths)

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return self._workspace

    def set_secret(self, name: str, value: str, content_type: str | None = None) -> None:
        """Keep a secret, in place of one of this name.

        Parameters
        ----------
        name
            1 to 127 letters, digits and ``-`` (v1).
        content_type
            Kept with it.

        Raises
        ------
        UserErrorException
            The name is not legal, or the value is no text.
        """
        self._put({name: value}, content_type)

    def set_secrets(self, secrets_batch: dict[str, str]) -> None:
        """Keep several secrets; see :meth:`set_secret`."""
        self._put(dict(secrets_batch), None)

    def get_secret(self, name: str) -> str | None:
        """Return a secret; None where there is none of this name (v1)."""
        return self._vault.get(name)

    def get_secrets(self, secrets: list[str]) -> dict[str, str | None]:
        """Return several secrets by their names."""
        return {name: self._vault.get(name) for name in secrets}

    def get_secret_content_type(self, name: str) -> str | None:
        """Return what was given as a secret's content type."""
        return self._vault.names().get(name)

    def delete_secret(self, name: str) -> None:
        """Delete a secret; one that is not there is no error."""
        self._vault.remove(name)

    def delete_secrets(self, secrets: list[str]) -> None:
        """Delete several secrets by their names."""
        for name in secrets:
            self.delete_secret(name)

    def list_secrets(self) -> list[dict[str, str | None]]:
        """Return the names and content types of all secrets, never their values."""
        return [{"name": name, "contentType": kind} for name, kind in sorted(self._vault.names().items())]

    def _put(self, secrets: dict[str, str], content_type: str | None) -> None:
        for name, value in secrets.items():
            if not isinstance(name, str) or not _NAME.match(name):
                raise UserErrorException(f"{name!r} cannot be a secret's name: use 1 to 127 letters, digits and '-'.")
            if not isinstance(value, str):
                raise UserErrorException(f"The value of secret {name!r} is text, not a {type(value).__name__}.")
        if not self._vault.put(secrets, content_type):
            notice_once(
                f"No keyring is here, so secrets are kept sealed in {self._workspace._paths.secrets}, which only "
                "you can read. pip install keyring keeps them better."
            )

    def __repr__(self) -> str:
        return f"Keyvault(workspace={self._workspace!r})"
