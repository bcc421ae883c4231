"""The end of a run is kept in the notebook although the kernel that showed it is gone, in a real JupyterLab."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from e2e.lab import WAIT_MS, output, run_all
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.lab import Lab
    from playwright.sync_api import Locator, Page

_UNTIL = """
import pathlib, sys, time
print("begun", flush=True)
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.1)
print("the end")
"""
_LATER_THAN_ANY_CHANGE_MS = 5000
_RUN = "application/vnd.jupyter-aml.run+json"
_WIDGET = "application/vnd.jupyter.widget-view+json"
_CONTEXT = "window.jupyterapp.shell.currentWidget.context"


def _wait_for_end(monitor: Locator) -> None:
    monitor.get_by_text("Completed", exact=True).first.wait_for(timeout=WAIT_MS)


def _save(page: Page) -> None:
    page.evaluate(f"async () => {{ await {_CONTEXT}.save(); }}")


def _is_dirty(page: Page) -> bool:
    return bool(page.evaluate(f"() => {_CONTEXT}.model.dirty"))


def _kept(lab: Lab, name: str) -> dict[str, Any]:
    """Return what the file has of the monitor."""
    (bundle,) = [
        one["data"]
        for one in json.loads((lab.folder / name).read_text())["cells"][1]["outputs"]
        if _RUN in one.get("data", {})
    ]
    return {key: "".join(value) if key.startswith("text/") else value for key, value in bundle.items()}


@pytest.mark.parametrize(
    ("where", "is_open"),
    [("lab/tree", True), ("lab/tree", False), ("notebooks", False)],
    ids=["open", "opened later", "opened later in Notebook 7"],
)
def test_the_end_is_kept_although_the_kernel_is_gone(lab: Lab, page: Page, where: str, is_open: bool) -> None:
    folder = lab.new_folder("ending")
    name = f"{folder.name}/ending.ipynb"
    (folder / "train.py").write_text(_UNTIL)
    lab.write(name, "%load_ext jupyter_ext", f"run = %aml_submit train.py {folder}/go")
    lab.open(page, name)
    run_all(page)
    monitor = output(page, 1)
    monitor.get_by_text("begun", exact=True).wait_for(timeout=WAIT_MS)
    page.evaluate(f"async () => {{ await {_CONTEXT}.sessionContext.session.kernel.restart(); }}")
    _save(page)
    before = _kept(lab, name)
    assert "Completed" not in before["text/plain"]
    if not is_open:
        page.goto("about:blank")
    (folder / "go").touch()
    if not is_open:
        lab.show(page, name, where=where)
    _wait_for_end(monitor)
    monitor.get_by_role("tab", name="Details").click()
    page.wait_for_function(f"() => {_CONTEXT}.model.dirty", timeout=WAIT_MS)
    expect(monitor.get_by_role("tab", name="Details")).to_have_attribute("aria-selected", "true")
    _save(page)
    after = _kept(lab, name)
    assert after["text/plain"].startswith("✓ Completed  ")
    assert "the end" in after["text/plain"]
    assert "✓ Completed</b>" in after["text/html"]
    assert {key: after[key] for key in (_RUN, _WIDGET)} == {key: before[key] for key in (_RUN, _WIDGET)}
    page.wait_for_timeout(_LATER_THAN_ANY_CHANGE_MS)
    assert not _is_dirty(page)
    lab.show(page, name, where=where)
    _wait_for_end(monitor)
    page.wait_for_timeout(_LATER_THAN_ANY_CHANGE_MS)
    assert not _is_dirty(page)
    assert _kept(lab, name) == after
