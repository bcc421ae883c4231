"""What a page asks first: whether the extension is there, and which workspace to show."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from jupyter_ext.core.workspaces.config import find_config, read_config
from jupyter_ext.core.workspaces.workspace import DEFAULT_NAME
from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.server.find import find_workspace
from jupyter_ext.server.handler import Handler


class InfoHandler(Handler):
    """Says that the extension is there."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Give the version, and the workspace to show first."""
        name = await self.work(workspace_of, root_of(self))
        await self.tell({"version": version("jupyter-aml"), "workspace": name})


def root_of(handler: Handler) -> Path:
    """Return the folder that the server serves."""
    return Path(os.path.realpath(Path(str(handler.settings["server_root_dir"])).expanduser()))


def workspace_of(root: Path) -> str:
    """Return the workspace that the server's folder belongs to: that of its config.json, else the default one."""
    try:
        file = find_config(str(root))
        return find_workspace(read_config(file)[2]).name if file is not None else DEFAULT_NAME
    except (AzureMLException, OSError, ValueError):  # a file that names none, or one that is not here
        return DEFAULT_NAME
