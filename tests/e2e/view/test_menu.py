"""The header's menu, and what its commands open."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from e2e.view_page import asked
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.view_page import Mount
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
_COPIED = "document.addEventListener('copy', () => { window.copied = document.activeElement.value; });"


def _choose(view: Locator, name: str) -> None:
    view.get_by_role("button", name="More").click()
    view.get_by_role("menuitem", name=name).click()


def test_the_menu_is_walked_by_keyboard(page: Page, mount: Mount) -> None:
    view = mount("finished")
    more = view.get_by_role("button", name="More")
    items = view.get_by_role("menuitem")
    expect(more).to_have_attribute("aria-expanded", "false")
    more.focus()
    page.keyboard.press("Enter")
    expect(items.first).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("d")
    expect(items.filter(has_text="Download outputs")).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    expect(items).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("Tab")
    expect(items).to_have_count(0)
    more.click()
    page.mouse.click(300, 300)
    expect(items).to_have_count(0)


def test_what_cannot_be_done_says_so_and_does_nothing(mount: Mount) -> None:
    view = mount("failed")
    view.get_by_role("button", name="More").click()
    download = view.get_by_role("menuitem", name="Download outputs")
    expect(download).to_have_attribute("aria-disabled", "true")
    download.click(force=True)
    expect(view.locator(".aml-note")).to_be_hidden()


def test_run_again_tells_the_id_and_how_to_open_it(page: Page, mount: Mount) -> None:
    view = mount("finished", before=_COPIED)
    _choose(view, "Run again")
    note = view.locator(".aml-note")
    expect(note).to_contain_text("Submitted again as")
    expect(note).to_contain_text("%aml show birds_1764_aa01")
    note.get_by_role("button", name="Copy %aml show").click()
    page.wait_for_function("window.copied === '%aml show birds_1764_aa01'")
    expect(view.locator(".aml-spoken")).to_have_text("Copied")
    note.get_by_role("button", name="Close").click()
    expect(note).to_be_hidden()
    assert asked(page, "rerun") == [{}]


def test_where_the_host_can_open_a_run_there_is_a_button(page: Page, mount: Mount) -> None:
    view = mount("finished", before="source.open = (id) => { window.opened = id; };")
    _choose(view, "Run again")
    view.locator(".aml-note").get_by_role("button", name="Open").click()
    assert page.evaluate("opened") == "birds_1764_aa01"


def test_a_refusal_is_said_in_place(mount: Mount) -> None:
    view = mount("finished", before="source.answer_rerun = () => { throw new Error('Set the token first.'); };")
    _choose(view, "Run again")
    expect(view.locator(".aml-note[data-bad]")).to_have_text("It could not be submitted again: Set the token first.✕")


def test_the_other_run_is_found_and_what_differs_is_a_table(page: Page, mount: Mount) -> None:
    view = mount("finished")
    _choose(view, "Compare with")
    dialog = view.get_by_role("dialog", name="Compare with another run")
    options = dialog.get_by_role("option")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    expect(options).to_have_count(3)
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.type("mnist")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("5 facts differ, 31 are the same")
    assert asked(page, "compare") == [{"run": "mnist_1761_11aa"}]
    row = dialog.get_by_role("row").filter(has_text="--resume")
    assert row.get_by_role("cell").all_inner_texts() == ["\N{EN DASH}", "given"]
    expect(dialog.get_by_role("columnheader").nth(1)).to_contain_text("this run")
    dialog.get_by_role("button", name="Another run").click()
    expect(dialog.get_by_role("combobox")).to_be_focused()


def test_a_sheet_keeps_what_is_behind_it_out_of_reach_and_gives_the_focus_back(page: Page, mount: Mount) -> None:
    view = mount("finished")
    _choose(view, "Open snapshot")
    behind = view.get_by_role("tablist")
    expect(behind).to_have_js_property("inert", value=True)
    page.keyboard.press("Escape")
    expect(behind).to_have_js_property("inert", value=False)
    expect(view.get_by_role("dialog")).to_have_count(0)
    expect(view.get_by_role("button", name="More")).to_be_focused()


def test_the_snapshots_files_are_listed_and_read(page: Page, mount: Mount) -> None:
    view = mount("finished")
    _choose(view, "Open snapshot")
    dialog = view.get_by_role("dialog")
    expect(dialog.get_by_role("status").first).to_have_text("4 files, 57 B · 9f86d081-884c-7d65-9a2f-eaa0c55ad015")
    dialog.get_by_role("treeitem", name="pytorch_train.py").click()
    expect(dialog.locator("pre")).to_contain_text("print('<b>hello</b>')")
    dialog.get_by_role("treeitem", name="weights.bin").click()
    expect(dialog).to_contain_text("There is no preview")
    dialog.get_by_role("button", name="Close").click()
    _choose(view, "Open snapshot")
    expect(dialog.get_by_role("treeitem")).to_have_count(5)
    assert len(asked(page, "snapshot")) == 1
    assert page.evaluate("source.ui.output") is None


def test_the_lines_that_make_it_again_are_copied(page: Page, mount: Mount) -> None:
    view = mount("finished", before=_COPIED)
    _choose(view, "Reproduce")
    dialog = view.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text(
        [
            "How to make this run again",
            "The same files, arguments, environment and target",
            "From a cell",
            "The source from git",
        ]
    )
    dialog.get_by_role("button", name="Copy From a cell").click()
    page.wait_for_function("window.copied?.startsWith('%aml_submit --env birds:2 ')")


def test_all_outputs_come_as_one_archive(page: Page, mount: Mount) -> None:
    view = mount("finished")
    with page.expect_download() as download:
        _choose(view, "Download outputs")
    archive = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
    assert download.value.suggested_filename == "birds_1763_9f2c.zip"
    assert archive.read("outputs/report.txt").startswith(b"epochs 30")
    expect(view.locator(".aml-note")).to_be_hidden()


def test_the_id_is_copied(page: Page, mount: Mount) -> None:
    view = mount("finished", before=_COPIED)
    _choose(view, "Copy run id")
    page.wait_for_function("window.copied === 'birds_1763_9f2c'")
    expect(view.locator(".aml-spoken")).to_have_text("Copied")


def test_an_answer_that_never_comes_leaves_the_view_usable(page: Page, mount: Mount) -> None:
    view = mount("finished", before="source.silent = true;")
    _choose(view, "Reproduce")
    expect(view.locator(".aml-notice")).to_contain_text("The kernel is busy")
    page.keyboard.press("Escape")
    expect(view.get_by_role("tab", name="Logs")).to_be_visible()
    page.evaluate("source.release()")
    expect(view.locator(".aml-notice")).to_be_hidden()
