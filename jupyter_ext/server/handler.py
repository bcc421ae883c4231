"""What every REST route has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.server.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

RESOURCE = "aml"
"""What an authorizer is asked about."""


class Handler(APIHandler):
    """A route: its methods are authenticated and authorised by jupyter_server, and do their work in a thread."""

    auth_resource = RESOURCE

    async def work(self, function: Callable[..., T], *arguments: object) -> T:
        """Do what reads files; what cannot be found or read is a 404 with its reason."""
        try:
            return await in_thread(function, *arguments)
        except AzureMLException as error:
            raise HTTPError(404, "%s", error.message) from error
        except (msgspec.DecodeError, ValueError) as error:
            raise HTTPError(404, "%s", f"Its record is damaged: {error}") from error

    async def answer(self, function: Callable[..., object], *arguments: object) -> None:
        """Answer with what is found."""
        await self.tell(await self.work(function, *arguments))

    async def tell(self, value: object) -> None:
        """Answer with JSON."""
        self.set_header("Content-Type", "application/json")
        await self.finish(msgspec.json.encode(value))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tell one sentence, as JSON."""
        error = kwargs.get("exc_info", (None, None))[1]
        message = self._reason
        if isinstance(error, HTTPError) and error.log_message:
            message = error.log_message % error.args if error.args else error.log_message
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode({"status": status_code, "message": message}))
