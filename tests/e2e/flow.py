"""What JupyterLab adds around a notebook: the form and notices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from e2e.lab import WAIT_MS
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def form_of(page: Page) -> Locator:
    """Return the form, once it knows what would be sent."""
    dialog = page.locator(".jp-AmlSubmissionDialog")
    dialog.locator(".jp-AmlSubmission-sent summary").wait_for(timeout=WAIT_MS)
    return dialog


def open_form(page: Page) -> Locator:
    """Open the form from the notebook's toolbar."""
    page.locator(".jp-NotebookPanel-toolbar [data-command='aml:submit']").click(timeout=WAIT_MS)
    return form_of(page)


def fault_of(form: Locator, label: str) -> Locator:
    """Return what is said to be wrong with a field."""
    field = form.get_by_label(label, exact=True)
    described = field.get_attribute("aria-describedby")
    return form.page.locator(f"[id='{described}']")


def notice(page: Page, text: str) -> Locator:
    """Wait for a notification."""
    found = page.locator(".Toastify__toast").filter(has_text=re.compile(text)).first
    found.wait_for(timeout=WAIT_MS)
    return found


def submitted(page: Page) -> Locator:
    """Wait for the monitor of what was just submitted, in its tab."""
    expect(page.locator(".jp-AmlSubmissionDialog")).to_have_count(0, timeout=WAIT_MS)
    monitor = page.locator(".jp-AmlMonitorTab:visible")
    monitor.locator(".aml-id").wait_for(timeout=WAIT_MS)
    return monitor
