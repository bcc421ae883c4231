"""What a monitor's menu and its tabs do to real runs, in a real JupyterLab: by the server, and by the widget alone."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from e2e.lab import WAIT_MS, Lab, output, run_all
from parts import program
from playwright.sync_api import expect

from jupyter_ext.core.models.model import Model
from jupyter_ext.core.workspaces.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

_TRAIN = """
import sys, time
from azureml.core import Run
print("begun", flush=True)
time.sleep(2)
Run.get_context().log("loss", float(sys.argv[2]))
open("outputs/model.txt", "w").write("weights")
print("the end")
"""


@pytest.fixture(params=["server", "widget"])
def monitor(
    part: Callable[..., str],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Locator]:
    """The monitor of the second of two runs, which has completed."""
    part(lambda: program("chromium", "chromium"))
    off = '--ServerApp.jpserver_extensions={"jupyter_ext": False}'
    lab = Lab(tmp_path / "lab", arguments=(off,) if request.param == "widget" else ())
    monkeypatch.setenv("AML_HOME", str(lab.home))
    folder = lab.folder / "birds"
    folder.mkdir()
    (folder / "train.py").write_text(_TRAIN)
    first = "run = %aml_submit --tag kind=trial --wait train.py --lr 0.5"
    lab.write("birds/birds.ipynb", "%load_ext jupyter_ext", first, first.replace("0.5", "0.25"))
    lab.start()
    try:
        lab.open(page, "birds/birds.ipynb")
        run_all(page)
        shown = output(page, 2)
        shown.get_by_text("Completed", exact=True).first.wait_for(timeout=WAIT_MS)
        yield shown.locator(".aml")
    finally:
        lab.stop()


def _choose(monitor: Locator, name: str) -> None:
    monitor.get_by_role("button", name="More").click()
    monitor.get_by_role("menuitem", name=name).click()


def test_everything_of_the_menu_and_the_tabs(monitor: Locator, page: Page) -> None:
    dialog = monitor.get_by_role("dialog")
    run_id = monitor.locator(".aml-id").inner_text()

    monitor.get_by_role("button", name="Time", exact=True).click()
    expect(monitor.locator(".aml-row").last).to_have_attribute(
        "title", re.compile(r"[23] s after the start$|[23]\.\d s")
    )

    _choose(monitor, "Compare with")
    dialog.get_by_role("option").first.click(timeout=WAIT_MS)
    expect(dialog.get_by_role("row").filter(has_text="metric loss")).to_contain_text("0.25", timeout=WAIT_MS)
    expect(dialog.get_by_role("row").filter(has_text="--lr").get_by_role("cell")).to_have_text(["0.25", "0.5"])
    page.keyboard.press("Escape")

    _choose(monitor, "Open snapshot")
    dialog.get_by_role("treeitem", name="train.py").click(timeout=WAIT_MS)
    expect(dialog.locator("pre")).to_contain_text("time.sleep(2)", timeout=WAIT_MS)
    page.keyboard.press("Escape")

    _choose(monitor, "Reproduce")
    expect(dialog.locator("pre").first).to_have_text(f"%aml rerun {run_id}", timeout=WAIT_MS)
    expect(dialog).to_contain_text("--tag kind=trial train.py --lr 0.25")
    page.keyboard.press("Escape")

    with page.expect_download() as download:
        _choose(monitor, "Download outputs")
    assert zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())).read("outputs/model.txt") == b"weights"

    monitor.get_by_role("tab", name="Outputs").click()
    monitor.get_by_role("treeitem", name="model.txt").click()
    monitor.get_by_role("button", name="Register as model").click()
    page.keyboard.press("Enter")
    expect(monitor.locator(".aml-register")).to_contain_text("Registered as model:1", timeout=WAIT_MS)
    (model,) = Model.list(Workspace.get("default"))
    assert (model.name, model.run_id) == ("model", run_id)

    monitor.get_by_role("tab", name="Details").click()
    tags = monitor.get_by_role("region", name="Tags")
    tags.get_by_role("textbox", name="Name").fill("best")
    tags.get_by_role("textbox", name="Value").fill("yes")
    page.keyboard.press("Enter")
    expect(tags.locator("dt")).to_have_text(["kind", "best"], timeout=WAIT_MS)
    assert Workspace.get("default").get_run(run_id).tags == {"kind": "trial", "best": "yes"}
    monitor.get_by_role("button", name="Same as last run").click()
    expect(monitor.get_by_role("region", name="Run")).to_contain_text("was --lr 0.5", timeout=WAIT_MS)

    _choose(monitor, "Run again")
    note = monitor.locator(".aml-note")
    expect(note).to_contain_text("Submitted again as", timeout=WAIT_MS)
    again = Workspace.get("default").get_run(note.locator("code").first.inner_text())
    again.wait_for_completion()
    assert again.get_metrics() == {"loss": 0.25}
    assert again.tags == {"kind": "trial"}
