"""A Jupyter server that the tests of this folder share, behind a base address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from parts.events_page import Page
from parts.home_run import HomeRun
from parts.jupyter_server import JupyterServer

from jupyter_ext.core.computes.managing import add_compute
from jupyter_ext.core.environments.conda_dependencies import CondaDependencies
from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.models.model import Model
from jupyter_ext.core.workspaces.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    server = JupyterServer(tmp_path_factory.mktemp("server"), base_url="/x/y/")
    _furnish(server)
    server.start()
    yield server
    server.stop()


def _furnish(server: JupyterServer) -> None:
    """Give its workspace an environment that is not built, a compute target and a model."""
    (server.place / "model.pt").write_bytes(b"pt!")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AML_HOME", str(server.home))
        workspace = Workspace.setup()
        environment = Environment("birds")
        environment.python.conda_dependencies = CondaDependencies.create(pip_packages=["numpy"])
        environment.register(workspace)
        add_compute(workspace, "cluster", 2)
        Model.register(workspace, str(server.place / "model.pt"), "pt-dnn")


@pytest.fixture(scope="session")
def ended(server: JupyterServer) -> HomeRun:
    """A run that has completed."""
    run = HomeRun(server.home, "ended_1")
    run.end()
    return run


@pytest.fixture
def running(server: JupyterServer, request: pytest.FixtureRequest) -> Iterator[HomeRun]:
    """A run of this test's own, in its middle."""
    run = HomeRun(server.home, f"running_{request.node.name.split('[')[0]}"[:200])
    yield run
    if run.live.paths.root.exists():
        run.end()


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., JupyterServer]]:
    """Starts servers of the test's own."""
    servers: list[JupyterServer] = []

    def start(**options: Any) -> JupyterServer:
        servers.append(JupyterServer(tmp_path_factory.mktemp("server"), **options))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def connect() -> Iterator[Callable[..., Page]]:
    """Opens pages' connections."""
    pages: list[Page] = []

    def opened(server: JupyterServer, **options: Any) -> Page:
        pages.append(Page(server, **options))
        return pages[-1]

    yield opened
    for page in pages:
        page.socket.shutdown()
