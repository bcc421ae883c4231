"""The header, the phases and the tabs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from e2e.view_page import long_log, row_of
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.view_page import Mount
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_the_header_tells_state_run_command_and_time(mount: Mount) -> None:
    view = mount("running")
    expect(view.locator(".aml-header")).to_contain_text("Running")
    expect(view.locator(".aml-header")).to_contain_text("pytorch-birds / birds_1763_9f2c")
    expect(view.locator(".aml-header code")).to_contain_text("pytorch_train.py --num_epochs 30")
    before = view.locator(".aml-time").inner_text()
    assert re.fullmatch(r"2 m 1\d s", before)
    expect(view.locator(".aml-time")).not_to_have_text(before)  # it ticks


def test_a_run_that_waits_or_never_ran_says_so(page: Page, mount: Mount) -> None:
    view = mount("queued")
    time = view.locator(".aml-time")
    expect(time).to_have_text(re.compile(r"^waiting 2 m \d\d s$"))
    canceled = "{...source.get('run'), status: 'Canceled', started: null, ended: source.get('run').now}"
    page.evaluate(f"source.set('run', {canceled})")
    expect(time).to_have_text("did not run")


def test_a_skewed_browser_clock_does_not_change_the_time(mount: Mount) -> None:
    view = mount("running", before="const now = Date.now; Date.now = () => now() - 3600e3;")
    expect(view.locator(".aml-time")).to_have_text(re.compile(r"^2 m 1\d s$"))


def test_phases_show_their_times_and_where_a_run_failed(mount: Mount) -> None:
    view = mount("failed")
    phases = view.get_by_role("listitem")
    assert [text.split()[0] for text in phases.all_inner_texts()] == ["Snapshot", "Prepare", "Queue", "Run"]
    expect(phases.nth(3)).to_have_attribute("data-state", "failed")
    phases.nth(1).hover()
    expect(view.locator(".aml-tip")).to_contain_text(
        re.compile(r"Prepare: done\s+[\d-]+ [\d:]+ to [\d-]+ [\d:]+\s+image cached")
    )
    phases.nth(3).focus()
    expect(view.locator(".aml-tip")).to_contain_text("invalid for input of size 12")
    expect(phases.nth(3)).to_have_attribute("aria-label", re.compile(r"Run: failed\s+[\d-]+ [\d:]+"))
    view.get_by_role("button", name="Show in the log").click()
    expect(view.locator(".aml-current")).to_contain_text("ValueError: shape")


def test_the_tabs_count_and_move_with_the_arrow_keys(page: Page, mount: Mount) -> None:
    view = mount("gpus")
    tabs = view.get_by_role("tab")
    assert tabs.all_inner_texts() == ["Logs", "Metrics 13", "Nodes 2 · 4 GPUs", "Outputs 5", "Details"]
    tabs.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    expect(view.get_by_role("tabpanel")).to_have_count(1)
    page.keyboard.press("End")
    expect(view.get_by_role("tabpanel")).to_contain_text("virtual environment")


def test_a_request_that_waits_is_a_notice_not_an_error(page: Page, mount: Mount) -> None:
    view = mount("running", before=long_log(10_000) + "source.silent = true;")
    view.get_by_role("region", name="Lines of").press("Home")
    expect(view.locator(".aml-pending").first).to_be_visible()
    expect(view.locator(".aml-notice")).to_have_text("The kernel is busy: this loads when its cell ends")
    page.evaluate("source.release()")
    expect(row_of(page, 1)).to_contain_text("line 1")
    expect(view.locator(".aml-notice")).to_be_hidden()


def test_keys_pressed_inside_are_no_commands_of_the_notebook(page: Page, mount: Mount) -> None:
    view = mount("running")
    page.evaluate("window.keys = []; document.addEventListener('keydown', (event) => keys.push(event.key))")
    view.get_by_role("tab", name="Metrics").focus()
    page.keyboard.press("b")
    page.keyboard.press("Control+s")
    assert page.evaluate("keys") == ["Control", "s"]
