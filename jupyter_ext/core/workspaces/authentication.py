"""v1's ways to sign in: accepted, since a workspace of this machine asks for none."""

from __future__ import annotations

from typing import Any

from jupyter_ext.core.notices import notice_once
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AuthenticationException


class AbstractAuthentication:
    """A way to sign in; there is nothing to sign in to, so what it is given is forgotten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        del args, kwargs
        notice_once("a workspace on this machine needs no sign-in: authentication objects are accepted and ignored.")

    def get_authentication_header(self) -> dict[str, str]:
        """Raise: there is no token here.

        Raises
        ------
        AuthenticationException
            Always.
        """
        raise AuthenticationException(
            "A workspace on this machine has no cloud token. To call a cloud service, sign in with its own library."
        )

    def get_token(self, *scopes: str, **kwargs: Any) -> Any:
        """Raise, as :meth:`get_authentication_header` does."""
        del scopes, kwargs
        return self.get_authentication_header()


class InteractiveLoginAuthentication(AbstractAuthentication):
    """A sign-in in the browser."""


class AzureCliAuthentication(AbstractAuthentication):
    """The sign-in of the cloud's command line."""


class ServicePrincipalAuthentication(AbstractAuthentication):
    """A sign-in for programs; its password is not kept."""


class MsiAuthentication(AbstractAuthentication):
    """The identity of a cloud machine."""


class ArmTokenAuthentication(AbstractAuthentication):
    """A token that was had elsewhere; it is not kept."""


class TokenAuthentication(AbstractAuthentication):
    """A token that was had elsewhere; it is not kept."""
