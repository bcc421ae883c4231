"""The view as a guest in a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.view_page import Mount
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_nothing_is_left_behind(page: Page, mount: Mount) -> None:
    counted = """window.alive = new Set();
        const create = URL.createObjectURL, revoke = URL.revokeObjectURL;
        URL.createObjectURL = (blob) => { const url = create(blob); alive.add(url); return url; };
        URL.revokeObjectURL = (url) => { alive.delete(url); revoke(url); };"""
    view = mount("running", before=counted, tab="outputs", output="outputs/plots/confusion.png")
    expect(view.locator(".aml-preview img")).to_have_js_property("naturalWidth", 320)
    assert page.evaluate("alive.size") == 1
    page.evaluate("dispose()")
    assert page.evaluate("[document.getElementById('at').children.length, source.listenerCount(), alive.size]") == [
        0,
        0,
        0,
    ]


def test_the_theme_follows_jupyterlab(page: Page, mount: Mount) -> None:
    view = mount("running")
    expect(view).to_have_attribute("data-theme", "light")
    page.evaluate("document.body.style.setProperty('--jp-layout-color0', '#111')")
    expect(view).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("tab", ["logs", "metrics", "nodes", "outputs", "details"])
def test_it_fits_in_three_hundred_pixels(page: Page, mount: Mount, tab: str) -> None:
    page.set_viewport_size({"width": 316, "height": 600})
    view = mount("gpus", tab=tab)
    page.wait_for_timeout(200)
    assert view.evaluate("(element) => element.scrollWidth <= element.clientWidth")
    parts = "[...element.querySelectorAll('.aml-header *, .aml-bar *')]"
    wide = f"(element) => {parts}.some((part) => part.getBoundingClientRect().right > 309)"
    assert not view.evaluate(wide)


@pytest.mark.parametrize("command", ["Run again", "Compare with", "Open snapshot", "Reproduce"])
def test_what_the_menu_opens_fits_in_three_hundred_pixels(page: Page, mount: Mount, command: str) -> None:
    page.set_viewport_size({"width": 316, "height": 600})
    view = mount("finished")
    view.get_by_role("button", name="More").click()
    assert view.get_by_role("menu").evaluate("(element) => element.getBoundingClientRect().left >= 8")
    view.get_by_role("menuitem", name=command).click()
    page.wait_for_timeout(200)
    assert view.evaluate("(element) => element.scrollWidth <= element.clientWidth")
    parts = "[...element.querySelectorAll('.aml-note *, .aml-sheet .aml-bar *, .aml-chooser *, .aml-recipes *')]"
    assert not view.evaluate(f"(element) => {parts}.some((part) => part.getBoundingClientRect().right > 309)")
