"""Every route there is, under the server's base address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_server.utils import url_path_join

from jupyter_ext.server import environments, lists, models, runs
from jupyter_ext.server.compare_routes import CodeHandler, CompareHandler, SeriesHandler
from jupyter_ext.server.events import EventsHandler
from jupyter_ext.server.handler import getting, posting
from jupyter_ext.server.info import InfoHandler
from jupyter_ext.server.panel_routes import (
    BuildHandler,
    BuildLogHandler,
    ComputeHandler,
    ComputesHandler,
    EnvironmentHandler,
    ModelDownloadHandler,
)
from jupyter_ext.server.run_routes import (
    DownloadHandler,
    FileHandler,
    RunHandler,
    RunsHandler,
    SnapshotDownloadHandler,
)
from jupyter_ext.server.submit_routes import PreviewHandler, ScriptsHandler, SubmitHandler
from jupyter_ext.server.terminals import TerminalHandler

if TYPE_CHECKING:
    from tornado.web import RequestHandler

ROUTES: dict[str, type[RequestHandler]] = {
    "": InfoHandler,
    "/events": EventsHandler,
    "/workspaces": getting(lists.workspaces),
    "/workspaces/{workspace}/experiments": getting(lists.experiments),
    "/workspaces/{workspace}/environments": getting(environments.environments),
    "/workspaces/{workspace}/environments/{environment}": getting(environments.versions),
    "/workspaces/{workspace}/environments/{environment}/versions/{version}": EnvironmentHandler,
    "/workspaces/{workspace}/environments/{environment}/versions/{version}/build": BuildHandler,
    "/workspaces/{workspace}/environments/{environment}/versions/{version}/log": BuildLogHandler,
    "/workspaces/{workspace}/computes": ComputesHandler,
    "/workspaces/{workspace}/computes/{compute}": ComputeHandler,
    "/workspaces/{workspace}/models": getting(models.models),
    "/workspaces/{workspace}/models/{model}/versions/{version}/download": ModelDownloadHandler,
    "/workspaces/{workspace}/scripts": ScriptsHandler,
    "/workspaces/{workspace}/submit": SubmitHandler,
    "/workspaces/{workspace}/submit/preview": PreviewHandler,
    "/workspaces/{workspace}/compare": CompareHandler,
    "/workspaces/{workspace}/compare/code": CodeHandler,
    "/workspaces/{workspace}/compare/series": SeriesHandler,
    "/workspaces/{workspace}/runs": RunsHandler,
    "/workspaces/{workspace}/runs/{run}": RunHandler,
    "/workspaces/{workspace}/runs/{run}/bundle": getting(runs.bundle),
    "/workspaces/{workspace}/runs/{run}/cancel": posting(runs.cancel),
    "/workspaces/{workspace}/runs/{run}/rerun": posting(runs.rerun, 201),
    "/workspaces/{workspace}/runs/{run}/deletion": getting(runs.deletion),
    "/workspaces/{workspace}/runs/{run}/terminal": TerminalHandler,
    "/workspaces/{workspace}/runs/{run}/files": getting(runs.files),
    "/workspaces/{workspace}/runs/{run}/files/{name}": FileHandler,
    "/workspaces/{workspace}/runs/{run}/download": DownloadHandler,
    "/workspaces/{workspace}/runs/{run}/snapshot": getting(runs.snapshot),
    "/workspaces/{workspace}/runs/{run}/snapshot/download": SnapshotDownloadHandler,
}


def routes(base_url: str) -> list[tuple[str, type[RequestHandler]]]:
    """Return the handlers with their addresses' patterns."""
    base = url_path_join(base_url, "aml/api")
    return [(base + _pattern(address), handler) for address, handler in ROUTES.items()]


def _pattern(address: str) -> str:
    """Let a name be all between two slashes, and the last of a file everything that is left."""
    return re.sub(r"{\w+}", "([^/]+)", address.replace("{name}", "(.+)"))
