"""What every REST route has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, authenticated

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.server.find import Unfound
from jupyter_ext.server.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

RESOURCE = "aml"
"""What an authorizer is asked about."""

_LARGEST_BODY = 1024 * 1024


class Handler(APIHandler):
    """A route: its methods are authenticated and authorised by jupyter_server, and do their work in a thread."""

    auth_resource = RESOURCE

    async def work(self, function: Callable[..., T], *arguments: object) -> T:
        """Do what reads files; tell in one sentence what cannot be found, read or done."""
        try:
            return await in_thread(function, *arguments)
        except Unfound as error:
            raise HTTPError(404, "%s", error.message) from error
        except AzureMLException as error:
            raise HTTPError(404 if self.request.method == "GET" else 409, "%s", error.message) from error
        except (msgspec.DecodeError, ValueError) as error:
            raise HTTPError(404, "%s", f"Its record is damaged: {error}") from error

    async def answer(self, function: Callable[..., object], *arguments: object, status: int = 200) -> None:
        """Answer with what is found."""
        await self.tell(await self.work(function, *arguments), status)

    async def tell(self, value: object, status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        await self.finish(msgspec.json.encode(value))

    def body(self, kind: type[T]) -> T:
        """Return what was sent, as JSON; an empty body is an empty object."""
        if len(self.request.body) > _LARGEST_BODY:
            raise HTTPError(413, "The body is larger than 1 MB.")
        try:
            return msgspec.json.decode(self.request.body or b"{}", type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise HTTPError(400, "%s", f"The body cannot be: {error}.") from error

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tell one sentence, as JSON."""
        error = kwargs.get("exc_info", (None, None))[1]
        message = self._reason
        if isinstance(error, HTTPError) and error.log_message:
            message = error.log_message % error.args if error.args else error.log_message
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode({"status": status_code, "message": message}))


def getting(function: Callable[..., object]) -> type[Handler]:
    """Make the route that answers with what a function finds under the names in the address."""

    class Getting(Handler):
        @authenticated
        @authorized
        async def get(self, *names: str) -> None:
            await self.answer(function, *names)

    Getting.__doc__ = Getting.get.__doc__ = function.__doc__
    return Getting


def posting(function: Callable[..., object], status: int = 200) -> type[Handler]:
    """Make the route that does what a function does to what the address names."""

    class Posting(Handler):
        @authenticated
        @authorized
        async def post(self, *names: str) -> None:
            await self.answer(function, *names, status=status)

    Posting.__doc__ = Posting.post.__doc__ = function.__doc__
    return Posting
