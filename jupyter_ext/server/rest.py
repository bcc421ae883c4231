"""What can be asked for without a WebSocket."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import authenticated

from jupyter_ext import __version__
from jupyter_ext.server.events import RESOURCE


class InfoHandler(APIHandler):
    """Says that the extension is there."""

    auth_resource = RESOURCE

    @authenticated
    @authorized
    async def get(self) -> None:
        """Give the version."""
        await self.finish({"version": __version__})
