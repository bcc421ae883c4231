"""A browser that the tests of the view share, and a bare page for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from e2e.view_page import MOUNT, VIEW, serve
from parts import MissingPart, program
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from e2e.view_page import Mount
    from playwright.sync_api import Browser, Locator, Page


@pytest.fixture(scope="module")
def browser(part: Callable[..., str]) -> Iterator[Browser]:
    """A headless Chromium."""
    chromium = part(lambda: program("chromium", "chromium"))
    part(_view)
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chrome = playwright.chromium.launch(executable_path=chromium, args=options)
        yield chrome
        chrome.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A bare page; what goes wrong in it fails the test."""
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    page.set_default_timeout(10_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/*", serve)
    page.goto("http://view.test/")
    yield page
    page.close()
    assert errors == []


@pytest.fixture
def mount(page: Page) -> Mount:
    """Mounts a scenario; `before` is JavaScript that changes the source first."""

    def _mount(kind: str, before: str = "", **ui: object) -> Locator:
        page.evaluate(MOUNT, [kind, ui, before])
        return page.locator(".aml")

    return _mount


def _view() -> str:
    if not VIEW.exists():
        raise MissingPart("the view is not built: run `npm ci && npm run build` in labextension")
    return str(VIEW)
