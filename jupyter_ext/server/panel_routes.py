"""The routes of environments, compute targets and models; ``openapi.yaml`` describes them."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import HTTPError, authenticated

from jupyter_ext.server import computes, environments, models
from jupyter_ext.server.handler import Handler
from jupyter_ext.server.run_routes import send_file, send_zip


class BuildLogHandler(Handler):
    """The log of the latest build of an environment."""

    @authenticated
    @authorized
    async def get(self, workspace: str, environment: str, version: str) -> None:
        """Give a part of it."""
        offset = self.get_query_argument("offset", "0")
        if not offset.isdecimal():
            raise HTTPError(400, "%s", f"offset is {offset!r}: give what the part before calls offset.")
        await self.answer(environments.log, workspace, environment, version, int(offset))


class BuildHandler(Handler):
    """A build of an environment."""

    @authenticated
    @authorized
    async def post(self, workspace: str, environment: str, version: str) -> None:
        """Begin it."""
        asked = self.body(environments.Build)
        await self.answer(environments.build, workspace, environment, version, asked, status=202)


class EnvironmentHandler(Handler):
    """A version of an environment."""

    @authenticated
    @authorized
    async def delete(self, workspace: str, environment: str, version: str) -> None:
        """Remove what it was built to."""
        await self.answer(environments.remove, workspace, environment, version)


class ComputesHandler(Handler):
    """The compute targets."""

    @authenticated
    @authorized
    async def get(self, workspace: str) -> None:
        """List them."""
        await self.answer(computes.computes, workspace)

    @authenticated
    @authorized
    async def post(self, workspace: str) -> None:
        """Make one."""
        await self.answer(computes.add, workspace, self.body(computes.New), status=201)


class ComputeHandler(Handler):
    """A compute target."""

    @authenticated
    @authorized
    async def patch(self, workspace: str, compute: str) -> None:
        """Change how many nodes it has."""
        await self.answer(computes.scale, workspace, compute, self.body(computes.Scale))

    @authenticated
    @authorized
    async def delete(self, workspace: str, compute: str) -> None:
        """Remove it."""
        await self.answer(computes.remove, workspace, compute)


class ModelDownloadHandler(Handler):
    """A version of a model."""

    @authenticated
    @authorized
    async def get(self, workspace: str, model: str, version: str) -> None:
        """Send its file, or a zip of its files."""
        members = await self.work(models.files_of, workspace, model, version)
        if len(members) == 1:
            await send_file(self, members[0])
        else:
            await send_zip(self, f"{model}-{version}.zip", members)
