"""Stop, and what a busy kernel makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from e2e.view_page import BUSY_STOP, asked
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.view_page import Mount
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser


def test_stop_asks_once_in_place(page: Page, mount: Mount) -> None:
    view = mount("running")
    view.get_by_role("button", name="Stop").click()
    question = view.get_by_role("group", name="Stop this run?")
    expect(question.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Escape")
    assert asked(page, "cancel") == []
    view.get_by_role("button", name="Stop").click()
    question.get_by_role("button", name="Stop").click()
    expect(view.locator(".aml-stopping")).to_have_text("Stopping…")
    assert asked(page, "cancel") == [{}]
    page.evaluate("source.set('run', { ...source.topics.run, status: 'Canceled', ended: source.topics.run.now })")
    expect(view.locator(".aml-stopping")).to_be_hidden()
    expect(view.locator(".aml-header")).to_contain_text("Canceled")
    expect(view.get_by_role("status").filter(has_text="The run is now: Canceled")).to_have_count(1)


def _stop(view: Locator) -> None:
    view.get_by_role("button", name="Stop").click()
    view.get_by_role("group", name="Stop this run?").get_by_role("button", name="Stop").click()
    expect(view.locator(".aml-stopping")).to_have_text("Stopping…")


@pytest.mark.parametrize(
    "answer", ["source.release()", "source.set('run', { ...source.topics.run, status: 'CancelRequested' })"]
)
def test_stop_under_a_busy_kernel_says_how_to_stop_at_once(page: Page, mount: Mount, answer: str) -> None:
    view = mount("running", before="source.silent = true;")
    page.evaluate("document.addEventListener('copy', () => { window.copied = document.activeElement.value; })")
    _stop(view)
    notice = view.locator(".aml-stop-notice")
    expect(notice).to_be_hidden()
    expect(notice).to_contain_text(BUSY_STOP)
    expect(view.locator(".aml-stopping")).to_be_hidden()
    expect(view.locator(".aml-notice")).to_be_hidden()
    expect(view.locator(".aml-spoken")).to_have_text(f"{BUSY_STOP} jupyter aml cancel birds_1763_9f2c")
    notice.get_by_role("button", name="Copy").click()
    expect(notice.locator("[data-done]")).to_have_count(1)
    assert page.evaluate("copied") == "jupyter aml cancel birds_1763_9f2c"
    page.evaluate(answer)
    expect(notice).to_be_hidden()
    expect(view.locator(".aml-stopping")).to_have_text("Stopping…")


def test_stop_waits_quietly_where_the_source_knows_no_reason(page: Page, mount: Mount) -> None:
    view = mount("running", before="source.silent = true; source.stopNotice = undefined;")
    _stop(view)
    page.wait_for_timeout(2300)
    expect(view.locator(".aml-stopping")).to_have_text("Stopping…")
    expect(view.locator(".aml-stop-notice")).to_be_hidden()
