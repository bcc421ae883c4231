"""The Details tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from e2e.view_page import asked
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.view_page import Mount
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_details_are_copied_value_by_value(page: Page, mount: Mount) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    view = mount("finished", tab="details")
    view.get_by_role("button", name="Copy python").click()
    page.wait_for_function("document.querySelector('[data-done]') !== null")
    view.get_by_role("button", name="copy the run id").click()
    expect(view.locator(".aml-id[data-done]")).to_have_count(1)


def test_tags_are_changed_removed_and_added(page: Page, mount: Mount) -> None:
    view = mount("finished", tab="details")
    tags = view.get_by_role("region", name="Tags")
    tags.get_by_role("button", name="Edit tag kind").focus()
    page.keyboard.press("Enter")
    field = tags.get_by_role("textbox", name="kind")
    expect(field).to_be_focused()
    page.evaluate("source.answer_tags({ set: { best: 'yes' }, remove: [] })")  # the script does so meanwhile
    expect(field).to_be_focused()
    field.fill("final <b>run</b>")
    page.keyboard.press("Enter")
    expect(tags.locator("dt")).to_have_text(["kind", "owner", "best"])
    expect(tags.locator(".aml-fact-value").first).to_have_text("final <b>run</b>")
    expect(tags.locator("dd").first.get_by_role("button").first).to_be_focused()
    tags.get_by_role("button", name="Remove tag owner").focus()
    page.keyboard.press("Enter")
    expect(tags.locator("dt")).to_have_text(["kind", "best"])
    tags.get_by_role("textbox", name="Name").fill("stage")
    tags.get_by_role("textbox", name="Value").fill("prod")
    page.keyboard.press("Enter")
    expect(tags.locator("dt")).to_have_text(["kind", "best", "stage"])
    expect(tags.get_by_role("textbox", name="Name")).to_be_focused()
    assert asked(page, "tags") == [
        {"set": {"kind": "final <b>run</b>"}, "remove": []},
        {"set": {}, "remove": ["owner"]},
        {"set": {"stage": "prod"}, "remove": []},
    ]


def test_escape_keeps_a_tag_and_a_refusal_is_said(page: Page, mount: Mount) -> None:
    view = mount(
        "finished", tab="details", before="source.answer_tags = () => { throw new Error('The disk is full.'); };"
    )
    tags = view.get_by_role("region", name="Tags")
    tags.get_by_role("button", name="Edit tag kind").click(force=True)
    page.keyboard.type("other")
    page.keyboard.press("Escape")
    expect(tags.locator(".aml-fact-value").first).to_have_text("trial")
    expect(tags.get_by_role("button", name="Edit tag kind")).to_be_focused()
    tags.get_by_role("button", name="Remove tag kind").click(force=True)
    expect(tags.get_by_role("alert")).to_have_text("The tags could not be changed: The disk is full.")
    expect(tags.locator("dt")).to_have_text(["kind", "owner"])


def test_what_is_as_in_the_last_run_is_folded(page: Page, mount: Mount) -> None:
    view = mount("finished", tab="details")
    view.get_by_role("button", name="Same as last run").click()
    expect(view.get_by_role("tabpanel")).to_contain_text("The last run was birds_1762_31fe")
    environment = view.get_by_role("region", name="Environment")
    assert environment.locator("dt:visible").all_inner_texts() == ["python", "packages"]
    expect(environment.locator(".aml-was").nth(1)).to_contain_text("was torch==2.12.1")
    expect(view.get_by_role("region", name="Git").locator(".aml-fact:visible")).to_contain_text("remote")
    environment.get_by_text("2 as in the last run").click()
    expect(environment.locator("dt:visible")).to_have_count(4)
    view.get_by_role("button", name="Same as last run").click()
    expect(environment.locator("dt:visible")).to_have_count(4)
    expect(view.get_by_text("as in the last run")).to_have_count(0)


def test_the_first_run_has_none_before_it(mount: Mount) -> None:
    view = mount("finished", tab="details", before="source.before = null;", same=True)
    expect(view.get_by_role("tabpanel")).to_contain_text("This is the first run of its experiment.")
    expect(view.get_by_role("region", name="Environment").locator("dt:visible")).to_have_count(4)
