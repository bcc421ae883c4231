"""Every tab of the monitor, checked with axe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from e2e.axe import violations
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.view_page import Mount
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

_DARK = "document.body.style.setProperty('--jp-layout-color0', '#111')"
_PAINTED = "document.body.style.background = 'var(--jp-layout-color0, #fff)'"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tab", ["logs", "metrics", "nodes", "outputs", "details"])
def test_axe_has_nothing_against_it(
    part: Callable[..., list[str]], page: Page, mount: Mount, tab: str, theme: str
) -> None:
    page.evaluate(_PAINTED)
    if theme == "dark":
        page.evaluate(_DARK)
    view = mount("finished", tab=tab)
    expect(view).to_have_attribute("data-theme", theme)
    page.wait_for_timeout(300)
    assert part(lambda: violations(page, ".aml")) == []
