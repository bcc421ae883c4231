"""What can be asked for without a WebSocket."""

from __future__ import annotations

from importlib.metadata import version

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import authenticated

from jupyter_ext.server.events import RESOURCE


class InfoHandler(APIHandler):
    """Says that the extension is there."""

    auth_resource = RESOURCE

    @authenticated
    @authorized
    async def get(self) -> None:
        """Give the version."""
        await self.finish({"version": version("jupyter-aml")})
