"""The monitor under a cell, in a real JupyterLab and a real browser."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from e2e.lab import WAIT_MS, execute, output, run_all

if TYPE_CHECKING:
    from e2e.lab import Lab
    from playwright.sync_api import Locator, Page

_TRAIN = """
import time
from azureml.core import Run

run = Run.get_context()
for epoch in range(40):
    print(f"\\x1b[1mepoch {epoch}\\x1b[0m <b>not bold</b><script>window.hacked = true</script>", flush=True)
    run.log("loss", 1 / (epoch + 1))
    time.sleep(0.05)
open("outputs/model.txt", "w").write("weights")
print("the end")
"""
_FOREVER = """
import time
while True:
    print("tick", flush=True)
    time.sleep(0.2)
"""
_LOAD = "%load_ext jupyter_ext"


def _submit(lab: Lab, page: Page, name: str, script: str, *cells: str, theme: str | None = None) -> Locator:
    """Run a notebook that submits a script; return the output with the monitor."""
    folder = lab.new_folder(name)
    (folder / "train.py").write_text(script)
    lab.write(f"{folder.name}/{name}.ipynb", _LOAD, "run = %aml_submit train.py", *cells)
    lab.open(page, f"{folder.name}/{name}.ipynb", theme=theme)
    run_all(page)
    return output(page, 1)


def _wait_for(monitor: Locator, status: str) -> None:
    monitor.get_by_role("status").get_by_text(status).or_(monitor.get_by_text(status, exact=True)).first.wait_for(
        timeout=WAIT_MS
    )


def test_a_run_is_seen_live_and_to_its_end(lab: Lab, page: Page) -> None:
    monitor = _submit(lab, page, "live", _TRAIN)
    _wait_for(monitor, "Running")
    monitor.get_by_text("epoch 3").first.wait_for(timeout=WAIT_MS)
    monitor.get_by_text("the end").wait_for(timeout=WAIT_MS)
    _wait_for(monitor, "Completed")
    assert "<b>not bold</b><script>" in monitor.inner_text()
    assert page.evaluate("() => window.hacked") is None
    monitor.get_by_role("tab", name="Metrics 1").click()
    monitor.locator("canvas").first.wait_for(timeout=WAIT_MS)
    assert "last 0.025" in monitor.inner_text()
    monitor.get_by_role("tab", name="Nodes").click()
    monitor.get_by_text("No GPU on this node.").wait_for(timeout=WAIT_MS)
    monitor.get_by_role("tab", name="Outputs").click()
    with page.expect_download() as download:
        monitor.get_by_text("model.txt").first.click()
        monitor.get_by_role("button", name="Download", exact=True).click()
    assert download.value.path().read_text() == "weights"
    monitor.get_by_role("tab", name="Details").click()
    monitor.get_by_text("train.py").first.wait_for(timeout=WAIT_MS)


def test_the_whole_log_can_be_searched_and_scrolled(lab: Lab, page: Page) -> None:
    monitor = _submit(lab, page, "search", "for i in range(20_000): print('needle' if i == 1234 else f'line {i}')\n")
    monitor.get_by_text("line 19999").wait_for(timeout=WAIT_MS)
    monitor.get_by_placeholder("Find").fill("needle")
    monitor.get_by_text("needle", exact=True).first.wait_for(timeout=WAIT_MS)
    monitor.get_by_text("1 of 1").wait_for(timeout=WAIT_MS)


def test_stop_asks_once_and_stops(lab: Lab, page: Page) -> None:
    monitor = _submit(lab, page, "stop", _FOREVER)
    monitor.get_by_text("tick").first.wait_for(timeout=WAIT_MS)
    monitor.get_by_role("button", name="Stop", exact=True).first.click()
    monitor.get_by_text("Stop this run?").wait_for(timeout=WAIT_MS)
    monitor.get_by_role("button", name="Stop", exact=True).last.click()
    _wait_for(monitor, "Canceled")


def test_it_goes_on_while_the_kernel_is_busy(lab: Lab, page: Page) -> None:
    monitor = _submit(lab, page, "busy", _TRAIN, "import time; time.sleep(20)")
    monitor.get_by_text("the end").wait_for(timeout=15_000)
    assert page.locator(".jp-CodeCell .jp-InputPrompt").nth(2).inner_text() == "[*]:"
    _wait_for(monitor, "Completed")


def test_a_failed_run_says_why(lab: Lab, page: Page) -> None:
    monitor = _submit(lab, page, "failed", "print('before')\nraise ValueError('shapes differ')\n")
    _wait_for(monitor, "Failed")
    assert "ValueError: shapes differ" in monitor.inner_text()


def test_the_saved_notebook_reads_well_without_a_kernel(lab: Lab, page: Page) -> None:
    monitor = _submit(lab, page, "saved", _TRAIN)
    _wait_for(monitor, "Completed")
    file = lab.folder / page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
    end = time.monotonic() + 30
    while True:
        execute(page, "docmanager:save")
        cells = json.loads(file.read_text())["cells"]
        bundles = [one["data"] for one in cells[1]["outputs"] if "data" in one]
        html = "".join("".join(bundle.get("text/html", "")) for bundle in bundles)
        if "Completed" in html or time.monotonic() > end:
            break
        page.wait_for_timeout(500)
    assert "Completed" in html
    assert "the end" in html
    assert "<svg" in html
    assert "<script>" not in html
    assert any("Completed" in "".join(bundle.get("text/plain", "")) for bundle in bundles)
    page.set_content(html)
    assert "epoch 39" in page.inner_text("body")


def test_dark_theme(lab: Lab, page: Page) -> None:
    monitor = _submit(lab, page, "dark", _TRAIN, theme="JupyterLab Dark")
    _wait_for(monitor, "Completed")
    root = monitor.locator(".aml-monitor, [class^=aml]").first
    shade = root.evaluate(
        """element => {
            let color = 'rgba(0, 0, 0, 0)';
            while (element && color === 'rgba(0, 0, 0, 0)') {
                color = getComputedStyle(element).backgroundColor; element = element.parentElement;
            }
            return Math.max(...color.match(/\\d+/g).slice(0, 3).map(Number));
        }"""
    )
    assert shade < 80
