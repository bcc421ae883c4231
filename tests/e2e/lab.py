"""A real JupyterLab, and a notebook in it, seen in a real browser."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import nbformat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

_START_SECONDS = 60
WAIT_MS = 60_000


class Lab:
    """A JupyterLab server on a folder of its own.

    Parameters
    ----------
    folder
        What it serves; settings, kernels' connection files and the run home lie beside it.
    base_url
        Where it serves, as behind a proxy.
    arguments
        More of them for the server.
    """

    def __init__(self, folder: Path, *, base_url: str = "/", arguments: tuple[str, ...] = ()) -> None:
        self.folder = folder / "notebooks"
        self.folder.mkdir(parents=True)
        self.home = folder / "home"
        self._place = folder
        self._arguments = (f"--ServerApp.base_url={base_url}", *arguments)
        self.token = secrets.token_hex(8)
        self._port = _free_port()
        self.address = f"http://127.0.0.1:{self._port}{base_url}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        settings = self._place / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
        with (self._place / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
                    *(f"--ServerApp.port={self._port}", "--ServerApp.port_retries=0"),
                    *(f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.folder}"),
                    *self._arguments,
                    *("--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"),
                ],
                env={
                    **os.environ,
                    "AML_HOME": str(self.home),
                    "JUPYTER_CONFIG_DIR": str(self._place / "config"),
                    "JUPYTER_RUNTIME_DIR": str(self._place / "runtime"),
                    "JUPYTERLAB_SETTINGS_DIR": str(self._place / "settings"),
                    "JUPYTERLAB_WORKSPACES_DIR": str(self._place / "workspaces"),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.address}api/status?token={self.token}", timeout=1).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
            else:
                return
        raise TimeoutError((self._place / "server.log").read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def kill(self) -> None:
        """End it without a word, as a crash does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def write(self, name: str, *cells: str) -> None:
        """Write a notebook of code cells."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.folder / name)

    def open(self, page: Page, name: str, *, theme: str | None = None) -> None:
        """Open a notebook and wait until its kernel is idle."""
        self.show(page, name)
        page.wait_for_function("() => window.jupyterapp && window.jupyterapp.shell.currentWidget", timeout=WAIT_MS)
        if theme:
            execute(page, "apputils:change-theme", {"theme": theme})
        page.wait_for_function(
            """() => {
                const session = window.jupyterapp.shell.currentWidget?.context?.sessionContext?.session;
                return session && session.kernel && session.kernel.status === 'idle';
            }""",
            timeout=WAIT_MS,
        )

    def show(self, page: Page, name: str, *, where: str = "lab/tree") -> None:
        """Open a notebook, in Notebook 7 where that is ``notebooks``."""
        page.goto(f"{self.address}{where}/{name}?token={self.token}&reset")
        page.locator(".jp-Notebook").first.wait_for(timeout=WAIT_MS)


def execute(page: Page, command: str, arguments: dict[str, object] | None = None) -> None:
    """Execute one of JupyterLab's commands without waiting for what it starts."""
    page.evaluate(
        f"() => {{ window.jupyterapp.commands.execute({json.dumps(command)}, {json.dumps(arguments or {})}) }}"
    )


def run_all(page: Page) -> None:
    """Run all cells."""
    execute(page, "notebook:run-all-cells")


def output(page: Page, cell: int) -> Locator:
    """Return the outputs of a code cell, counted from 0."""
    return page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-OutputArea")


@contextmanager
def browser_page(*, dark: bool = False) -> Iterator[Page]:
    """Give a page of a headless Chromium."""
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", headless=True, args=arguments)
        page = browser.new_page(viewport={"width": 1400, "height": 1000}, color_scheme="dark" if dark else "light")
        try:
            yield page
        finally:
            browser.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
