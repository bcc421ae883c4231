"""The Outputs tab."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from e2e.view_page import asked
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.view_page import Mount
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_outputs_are_walked_by_keyboard_and_previewed_as_text(page: Page, mount: Mount) -> None:
    view = mount("finished", tab="outputs")
    items = view.get_by_role("treeitem")
    assert items.locator(".aml-file-name").all_inner_texts() == [
        "logs",
        "events.log",
        "outputs",
        "plots",
        "confusion.png",
        "cm.json",
        "model.pt",
        "report.txt",
    ]
    items.nth(0).focus()
    page.keyboard.press("ArrowLeft")
    expect(items).to_have_count(7)
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(view.locator(".aml-preview pre")).to_contain_text("best accuracy 0.9312 <b>not bold</b>")
    items.filter(has_text="model.pt").click()
    expect(view.locator(".aml-preview")).to_contain_text("There is no preview")
    items.filter(has_text="confusion.png").click()
    expect(view.locator(".aml-preview img")).to_have_js_property("naturalWidth", 320)


def test_one_output_or_all_are_downloaded(page: Page, mount: Mount) -> None:
    view = mount("finished", tab="outputs")
    view.get_by_role("treeitem", name="model.pt").click()
    with page.expect_download() as one:
        view.get_by_role("button", name="Download", exact=True).click()
    assert one.value.suggested_filename == "model.pt"
    model = one.value.path().read_bytes()
    assert model == bytes(k % 251 for k in range(3_400_000))
    with page.expect_download() as every:
        view.get_by_role("button", name="Download all").click()
    assert every.value.suggested_filename == "birds_1763_9f2c.zip"
    archive = zipfile.ZipFile(io.BytesIO(every.value.path().read_bytes()))
    assert archive.testzip() is None
    assert archive.read("outputs/model.pt") == model
    assert archive.read("logs/events.log") == b"started\n"


def test_a_file_is_registered_as_a_model(page: Page, mount: Mount) -> None:
    view = mount("finished", tab="outputs")
    view.get_by_role("treeitem", name="model.pt").click()
    view.get_by_role("button", name="Register as model").click()
    name = view.get_by_role("textbox", name="Name of the model")
    expect(name).to_be_focused()
    expect(name).to_have_value("model")
    name.fill("a b")
    page.keyboard.press("Enter")
    form = view.locator(".aml-register")
    expect(form.get_by_role("status")).to_contain_text("'a b' cannot be a model's name")
    name.fill("birds")
    page.keyboard.press("Enter")
    expect(form.get_by_role("status")).to_have_text("Registered as birds:3")
    page.keyboard.press("Enter")
    assert asked(page, "register")[1:] == [{"name": "birds", "path": "outputs/model.pt"}]
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    expect(view.get_by_role("button", name="Register as model")).to_be_focused()


def test_a_folder_is_downloaded_and_registered(page: Page, mount: Mount) -> None:
    view = mount("finished", tab="outputs")
    view.get_by_role("treeitem", name="plots").click()
    expect(view.locator(".aml-chosen")).to_have_text("outputs/plots/")
    with page.expect_download() as download:
        view.get_by_role("button", name="Download", exact=True).click()
    assert download.value.suggested_filename == "plots.zip"
    assert zipfile.ZipFile(download.value.path()).namelist() == ["outputs/plots/confusion.png"]
    view.get_by_role("button", name="Register as model").click()
    page.keyboard.press("Enter")
    expect(view.locator(".aml-register")).to_contain_text("Registered as plots:3")
    assert asked(page, "register") == [{"name": "plots", "path": "outputs/plots"}]
