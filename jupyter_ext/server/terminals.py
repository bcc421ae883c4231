"""A terminal of Jupyter's own where a run is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import ensure_async
from tornado.web import HTTPError, authenticated

from jupyter_ext.core.runs.shell import shell_of
from jupyter_ext.server.find import find_run
from jupyter_ext.server.handler import Handler

if TYPE_CHECKING:
    from jupyter_ext.core.runs.shell import Shell

_RESOURCE = "terminals"


class TerminalHandler(Handler):
    """A terminal in a run's container, or in its working directory."""

    @authenticated
    @authorized
    async def post(self, workspace: str, run_id: str) -> None:
        """Open it, for a user who may open terminals."""
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, "write", _RESOURCE)):
            raise HTTPError(403)
        shell = await self.work(_shell, workspace, run_id)
        manager = self.settings.get("terminal_manager")
        if not self.settings.get("terminals_available") or manager is None:
            raise HTTPError(409, "This server opens no terminals: start it with ServerApp.terminals_enabled=True.")
        options = {"cwd": shell.where} if shell.command is None else {"shell_command": shell.command}
        made = manager.create(**options)
        await self.tell({"name": made["name"], "kind": shell.kind, "where": shell.where})


def _shell(workspace: str, run_id: str) -> Shell:
    return shell_of(find_run(workspace, run_id))
