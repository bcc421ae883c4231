"""Submitting from JupyterLab itself: the form, the file browser, and what is told of the run afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from e2e.axe import violations
from e2e.flow import fault_of, form_of, notice, open_form, submitted
from e2e.lab import WAIT_MS, execute
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.lab import Lab
    from playwright.sync_api import Page

_TRAIN = """
import sys, time
from azureml.core import Run
print("arguments", sys.argv[1:], flush=True)
for step in range(20):
    Run.get_context().log("loss", 1 / (step + 1))
    time.sleep(0.2)
print("the end")
"""
_SOURCE = "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.getSource()"


def _folder(lab: Lab, name: str, **scripts: str) -> Path:
    folder = lab.new_folder(name)
    for script, text in scripts.items():
        (folder / f"{script}.py").write_text(text)
    lab.write(f"{folder.name}/{name}.ipynb", "1 + 1")
    return folder


def test_the_form_says_what_is_wrong_submits_and_remembers(lab: Lab, page: Page) -> None:
    folder = _folder(lab, "form", train=_TRAIN, evaluate="print('evaluated')")
    (folder / ".env").write_text("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n")
    lab.open(page, f"{folder.name}/form.ipynb")
    form = open_form(page)
    script = form.get_by_label("Script", exact=True)
    expect(script).to_be_focused()
    expect(form.locator(".jp-AmlSubmission-sent summary")).to_contain_text(re.compile(r"4 files, \d+ B, are sent"))
    expect(form.locator(".jp-AmlSubmission-secrets")).to_contain_text(".env")
    expect(script).to_have_attribute("list", re.compile("options$"), timeout=WAIT_MS)
    assert violations(page, ".jp-AmlSubmissionDialog") == []

    page.keyboard.press("Enter")  # nothing is filled in
    expect(fault_of(form, "Script")).not_to_be_empty(timeout=WAIT_MS)
    expect(script).to_have_attribute("aria-invalid", "true")
    expect(script).to_be_focused()
    page.keyboard.type("trian.py")
    expect(fault_of(form, "Script")).to_contain_text("train.py", timeout=WAIT_MS)
    page.keyboard.press("Tab")
    page.keyboard.type("--name 'two words")
    expect(fault_of(form, "Arguments")).to_contain_text("quotation", timeout=WAIT_MS)
    form.get_by_label("Nodes", exact=True).fill("3")
    expect(fault_of(form, "Nodes")).to_contain_text("has 1", timeout=WAIT_MS)
    assert violations(page, ".jp-AmlSubmissionDialog") == []

    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(page.locator(".jp-Notebook .jp-mod-active")).to_have_count(1)

    execute(page, "notebook:enter-command-mode")
    page.keyboard.press("Control+Alt+Enter")
    form = form_of(page)
    form.get_by_label("Script", exact=True).fill("train.py")
    form.get_by_label("Arguments", exact=True).fill("--name 'two words'")
    page.keyboard.press("Enter")
    monitor = submitted(page)
    monitor.get_by_text("arguments ['--name', 'two words']").wait_for(timeout=WAIT_MS)
    expect(page.locator(".jp-AmlStatus")).to_contain_text("1 running", timeout=WAIT_MS)
    told = notice(page, "has completed after .* loss 0.05")
    expect(page.locator(".jp-AmlStatus")).to_contain_text("0 running")
    page.locator(".lm-TabBar-tab.lm-mod-current .lm-TabBar-tabCloseIcon").first.click()
    told.get_by_role("button", name="Open monitor").click()
    page.locator(".jp-AmlMonitorTab:visible").get_by_text("the end").wait_for(timeout=WAIT_MS)

    execute(page, "docmanager:open", {"path": f"{folder.name}/form.ipynb"})
    form = open_form(page)
    expect(form.get_by_label("Script", exact=True)).to_have_value("train.py")
    expect(form.get_by_label("Arguments", exact=True)).to_have_value("--name 'two words'")
    form.get_by_role("button", name="Insert cell").click()
    expect(form).to_have_count(0, timeout=WAIT_MS)
    assert page.evaluate(_SOURCE) == "%load_ext jupyter_ext\nrun = %aml_submit train.py --name 'two words'"


def test_a_file_is_submitted_from_the_file_browser_and_its_failure_is_told_once(lab: Lab, page: Page) -> None:
    folder = _folder(lab, "browsed", broken="import time\ntime.sleep(2)\nraise ValueError('shapes differ')\n")
    lab.open(page, f"{folder.name}/browsed.ipynb")
    page.locator(".jp-DirListing-item[data-file-type='python']").click(button="right", timeout=WAIT_MS)
    page.get_by_role("menuitem", name="Submit this file as run…").click()
    form = form_of(page)
    expect(form.get_by_label("Script", exact=True)).to_have_value("broken.py")
    page.keyboard.press("Enter")
    monitor = submitted(page)
    told = notice(page, "browsed-.* has failed: .*ValueError: shapes differ")
    expect(told.get_by_role("button", name="Open monitor")).to_be_visible()
    monitor.get_by_text("Failed", exact=True).first.wait_for(timeout=WAIT_MS)
    page.reload()
    page.locator(".jp-AmlStatus-button").wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(1000)  # a notice would be there by now
    expect(page.locator(".Toastify__toast")).to_have_count(0)


def test_commands_stand_in_the_palette_and_on_the_launcher(lab: Lab, page: Page) -> None:
    folder = _folder(lab, "palette", train=_TRAIN)
    lab.open(page, f"{folder.name}/palette.ipynb")
    page.keyboard.press("Control+Shift+C")
    page.keyboard.type("AML runs")
    palette = page.locator("#modal-command-palette, .jp-ModalCommandPalette")
    palette.get_by_text("Submit folder as run…").wait_for(timeout=WAIT_MS)
    palette.get_by_text("Compare the last two runs").wait_for(timeout=WAIT_MS)
    page.keyboard.press("Escape")
    execute(page, "launcher:create", {"cwd": folder.name})
    page.locator(".jp-LauncherCard").get_by_text("Submit run").click(timeout=WAIT_MS)
    form = form_of(page)
    expect(form.locator("output").first).to_have_text(folder.name)
    expect(form.get_by_label("Script", exact=True)).to_have_value("train.py")  # the only one there is
    expect(form.get_by_role("button", name="Insert cell")).to_have_count(0)
    form.get_by_role("button", name="Cancel").click()
    expect(form).to_have_count(0)
