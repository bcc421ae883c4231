"""A JupyterLab that the tests of this folder share, and a page for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from e2e.lab import Lab, browser_page
from parts import program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page


@pytest.fixture(scope="session", name="lab")
def _lab(part: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A running JupyterLab."""
    part(lambda: program("chromium", "chromium"))
    lab = Lab(tmp_path_factory.mktemp("lab"))
    lab.start()
    yield lab
    lab.stop()


@pytest.fixture
def page(part: Callable[..., str], request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A page of a headless Chromium; when the test fails, what it shows is kept beside the test's files."""
    part(lambda: program("chromium", "chromium"))
    with browser_page() as page:
        yield page
        report = getattr(request.node, "report_call", None)
        if report is not None and report.failed:
            page.screenshot(path=tmp_path / "page.png")
            (tmp_path / "page.html").write_text(page.content())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.report_call = report
    return report
