"""Every route there is, under the server's base address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_server.utils import url_path_join

from jupyter_ext.server.events import EventsHandler
from jupyter_ext.server.rest import InfoHandler

if TYPE_CHECKING:
    from tornado.web import RequestHandler

ROUTES: dict[str, type[RequestHandler]] = {
    "": InfoHandler,
    "/events": EventsHandler,
}


def routes(base_url: str) -> list[tuple[str, type[RequestHandler]]]:
    """Return the handlers with their addresses' patterns."""
    return [(url_path_join(base_url, "aml/api") + pattern, handler) for pattern, handler in ROUTES.items()]
