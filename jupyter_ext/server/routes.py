"""Every route there is, under the server's base address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_server.utils import url_path_join

from jupyter_ext.server import lists
from jupyter_ext.server.events import EventsHandler
from jupyter_ext.server.rest import CancelHandler, FileHandler, InfoHandler, RunsHandler, listing

if TYPE_CHECKING:
    from tornado.web import RequestHandler

ROUTES: dict[str, type[RequestHandler]] = {
    "": InfoHandler,
    "/events": EventsHandler,
    "/workspaces": listing(lists.workspaces),
    "/workspaces/{workspace}/experiments": listing(lists.experiments),
    "/workspaces/{workspace}/environments": listing(lists.environments),
    "/workspaces/{workspace}/computes": listing(lists.computes),
    "/workspaces/{workspace}/models": listing(lists.models),
    "/workspaces/{workspace}/runs": RunsHandler,
    "/workspaces/{workspace}/runs/{run}": listing(lists.run),
    "/workspaces/{workspace}/runs/{run}/cancel": CancelHandler,
    "/workspaces/{workspace}/runs/{run}/files": listing(lists.files),
    "/workspaces/{workspace}/runs/{run}/files/{name}": FileHandler,
}


def routes(base_url: str) -> list[tuple[str, type[RequestHandler]]]:
    """Return the handlers with their addresses' patterns."""
    base = url_path_join(base_url, "aml/api")
    return [(base + _pattern(address), handler) for address, handler in ROUTES.items()]


def _pattern(address: str) -> str:
    """Let a name be all between two slashes, and the last of a file everything that is left."""
    return re.sub(r"{\w+}", "([^/]+)", address.replace("{name}", "(.+)"))
