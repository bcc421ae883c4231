"""What a page reads without a kernel: an extension of jupyter_server.

Importing this needs no jupyter_server; loading the extension does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _load_jupyter_server_extension(app: ServerApp) -> None:
    """Add the routes to a Jupyter server; nothing else happens until one of them is asked for."""
    from jupyter_ext.server.routes import routes  # noqa: PLC0415 - needs jupyter_server

    app.web_app.add_handlers(".*$", routes(app.web_app.settings["base_url"]))  # type: ignore[no-untyped-call]
