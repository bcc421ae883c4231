"""A real JupyterLab, and a notebook in it, seen in a real browser."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from parts.jupyter_server import JupyterServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

WAIT_MS = 60_000


class Lab(JupyterServer):
    """A JupyterLab server on a folder of its own."""

    module = "jupyterlab"

    def __init__(self, place: Path, *, base_url: str = "/", arguments: tuple[str, ...] = ()) -> None:
        exposed = [f"--{app}.expose_app_in_browser=True" for app in ("LabApp", "JupyterNotebookApp")]
        own = (*exposed, "--LabApp.news_url=None", *arguments)
        folders = {f"JUPYTERLAB_{name.upper()}_DIR": str(place / name) for name in ("settings", "workspaces")}
        super().__init__(place, base_url=base_url, arguments=own, environment=folders)
        self.settings = place / "settings" / "@jupyterlab" / "apputils-extension"
        self.settings.mkdir(parents=True)
        (self.settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')

    def new_folder(self, name: str) -> Path:
        """Make a folder whose name begins so; a test that is tried again gets another one."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))

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
def browser_page(*, dark: bool = False, zoom: int = 1) -> Iterator[Page]:
    """Give a page of a headless Chromium; one that is zoomed has so much less room."""
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", headless=True, args=arguments)
        page = browser.new_page(
            viewport={"width": 1400 // zoom, "height": 1000 // zoom},
            device_scale_factor=zoom,
            color_scheme="dark" if dark else "light",
        )
        try:
            yield page
        finally:
            browser.close()
