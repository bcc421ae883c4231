"""The routes of the form that submits a folder; ``openapi.yaml`` describes them."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from jupyter_ext.server import submitting
from jupyter_ext.server.handler import Handler
from jupyter_ext.server.info import root_of


class ScriptsHandler(Handler):
    """What of a folder could be run."""

    @authenticated
    @authorized
    async def get(self, workspace: str) -> None:
        """List it."""
        await self.answer(submitting.scripts, root_of(self), workspace, self.get_query_argument("folder", ""))


class PreviewHandler(Handler):
    """What a form would send."""

    @authenticated
    @authorized
    async def post(self, workspace: str) -> None:
        """Tell it, with all that is wrong."""
        asked = self.body(submitting.Asked)
        await self.answer(submitting.preview, root_of(self), self.kernel_spec_manager, workspace, asked)


class SubmitHandler(Handler):
    """A folder, submitted."""

    @authenticated
    @authorized
    async def post(self, workspace: str) -> None:
        """Submit it; what is wrong is told field by field."""
        asked = self.body(submitting.Asked)
        try:
            await self.answer(submitting.submit, root_of(self), self.kernel_spec_manager, workspace, asked, status=201)
        except submitting.Refused as refused:
            await self.tell({"status": 400, "message": str(refused), "errors": refused.errors}, 400)
