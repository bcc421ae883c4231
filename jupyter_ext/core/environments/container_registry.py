"""A private registry: where it is, who pulls from it, and where the password is."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from jupyter_ext.core.element import Element, camel_keys
from jupyter_ext.core.notices import notice


class ContainerRegistry(Element):
    """Where a private base image comes from.

    Attributes
    ----------
    address, username
        The registry, and who pulls.
    password
        Used, and never written down nor shown.
    password_variable
        (ours) The name of the environment variable that holds the password: that name is what is kept.
    """

    _keys: ClassVar = {
        "address": "address",
        "username": "username",
        "password": "password",
        "registry_identity": "registryIdentity",
    }

    def __init__(self) -> None:
        self.address: str | None = None
        self.username: str | None = None
        self._password: str | None = None
        self.registry_identity: Any = None
        self.password_variable: str | None = None
        self._arm()

    @property
    def password(self) -> str | None:
        """The password: used, and never written down. A notebook that has it in a cell keeps it in its file."""
        return self._password

    @password.setter
    def password(self, value: str | None) -> None:
        self._password = value
        if value and value not in os.environ.values():
            notice(
                "The registry's password is used and not stored, but the notebook's file keeps what a cell says. It is "
                "safer in an environment variable (base_image_registry.password_variable names it), in keyring, or "
                f"with 'docker login{f' {self.address}' if self.address else ''}', which need no password here."
            )

    def _to_dict(self) -> dict[str, Any]:
        document = super()._to_dict()
        if self.password_variable:
            document["passwordEnv"] = self.password_variable
        return document

    def _fill(self, data: dict[str, Any]) -> None:
        given = camel_keys(data)
        self._password = given.pop("password", None)
        self.password_variable = given.pop("passwordEnv", None)
        super()._fill(given)

    def _found_password(self) -> str | None:
        """Return the password: as it was given, else from its environment variable."""
        return self.password or (os.environ.get(self.password_variable) if self.password_variable else None)
