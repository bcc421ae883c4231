"""Runs beside each other, in a tab and under a cell; a terminal in a run; all of it behind a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import nbformat
import pytest
from e2e.axe import violations
from e2e.flow import form_of, notice, submitted
from e2e.lab import WAIT_MS, Lab, execute, output, run_all
from nbconvert import HTMLExporter
from parts import program
from parts.proxy import RewritingProxy
from parts.submitting import until
from playwright.sync_api import expect

from jupyter_ext.core.submission.script_run_config import ScriptRunConfig
from jupyter_ext.core.workspaces.experiment import Experiment
from jupyter_ext.core.workspaces.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from jupyter_ext.core.runs.run import Run

_TRAIN = """
import sys
from azureml.core import Run
for step in range(10):
    Run.get_context().log("loss", float(sys.argv[2]) / (step + 1))
"""


@pytest.fixture
def workspace(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace that the page shows."""
    monkeypatch.setenv("AML_HOME", str(lab.home))
    return Workspace.create("default", exist_ok=True, show_output=False)


def _run(workspace: Workspace, folder: Path, script: str, *arguments: str) -> Run:
    folder.mkdir(exist_ok=True)
    (folder / "train.py").write_text(script)
    config = ScriptRunConfig(str(folder), "train.py", arguments=list(arguments))
    return Experiment(workspace, folder.name).submit(config)


def _row(table: Locator, name: str) -> list[str]:
    return table.locator("tr", has=table.page.get_by_role("rowheader", name=name)).locator("td").all_inner_texts()


def _check_code(view: Locator) -> None:
    view.get_by_role("tab", name="Code").click()
    view.get_by_role("button", name="train.py, changed").wait_for(timeout=WAIT_MS)
    lines = [
        (line.locator(".aml-diff-sign").inner_text(), line.locator(".aml-diff-text").inner_text())
        for line in view.locator(".aml-diff-line").all()
    ]
    assert ("-", "for step in range(10):") in lines
    assert ("+", "for step in range(12):") in lines
    view.get_by_role("button", name="notes.md, added").click()
    expect(view.locator(".aml-diff-line.aml-added")).to_contain_text("# <b>notes</b>")


def test_runs_are_compared_in_a_tab_and_under_a_cell(lab: Lab, page: Page, workspace: Workspace) -> None:
    folder = lab.folder / f"compared-{uuid4().hex[:6]}"
    first = _run(workspace, folder, _TRAIN, "--lr", "0.5")
    first.wait_for_completion()
    (folder / "notes.md").write_text("# <b>notes</b>\n")
    second = _run(workspace, folder, _TRAIN.replace("range(10)", "range(12)"), "--lr", "0.25")
    second.wait_for_completion()
    cells = ("%load_ext jupyter_ext", f"%aml compare {first.id} {second.id}")
    lab.write(f"{folder.name}/compared.ipynb", *cells)
    lab.open(page, f"{folder.name}/compared.ipynb", theme="JupyterLab Light")
    run_all(page)
    under = output(page, 1).locator(".aml-compare-view")
    under.locator("canvas").first.wait_for(timeout=WAIT_MS)
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save(); }")
    notebook = nbformat.read(folder / "compared.ipynb", as_version=4)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    assert "0.25" in html  # where no script of ours runs, the table is there
    assert "--lr" in html

    execute(page, "aml:compare", {"workspace": "default", "runs": [first.id, second.id]})
    tab = page.locator(".jp-AmlCompareTab")
    tab.locator("canvas").first.wait_for(timeout=WAIT_MS)
    chart = tab.locator(".aml-chart").first
    assert [value.strip() for value in chart.locator(".aml-overlay-value").all_inner_texts()] == ["0.05", "0.020833"]
    tab.get_by_label(f"Draw the lines of {first.id}").uncheck()
    expect(tab.get_by_label(f"Draw the lines of {first.id}")).not_to_be_checked()
    assert violations(page, ".jp-AmlCompareTab") == []
    tab.get_by_role("tab", name="Charts").focus()
    page.keyboard.press("ArrowRight")
    tab.locator("table").first.wait_for(timeout=WAIT_MS)
    assert _row(tab.locator("table"), "--lr") == ["0.5", "0.25"]
    assert _row(tab.locator("table"), "target") == []
    tab.get_by_role("button", name="Show what is the same").click()
    assert _row(tab.locator("table"), "target") == ["local", "local"]
    assert violations(page, ".jp-AmlCompareTab") == []
    _check_code(tab)
    execute(page, "apputils:change-theme", {"theme": "JupyterLab Dark"})
    tab.locator(".aml[data-theme='dark']").wait_for(timeout=WAIT_MS)
    assert violations(page, ".jp-AmlCompareTab") == []
    tab.get_by_role("button", name=second.id, exact=True).click()
    monitor = page.locator(".jp-AmlMonitorTab:visible")
    monitor.get_by_text("Completed", exact=True).first.wait_for(timeout=WAIT_MS)
    monitor.locator(".aml[data-theme='dark']").wait_for(timeout=WAIT_MS)
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.hasClass('jp-AmlMonitorTab')")


def test_runs_that_logged_nothing_open_on_what_differs(lab: Lab, page: Page, workspace: Workspace) -> None:
    folder = lab.new_folder("silent")
    runs = [_run(workspace, folder, "print('done')\n", "--lr", rate) for rate in ("0.1", "0.2")]
    for run in runs:
        run.wait_for_completion()
    page.goto(f"{lab.address}lab?token={lab.token}&reset")
    page.wait_for_function("() => window.jupyterapp?.commands.hasCommand('aml:compare')", timeout=WAIT_MS)
    execute(page, "aml:compare", {"workspace": "default", "runs": [run.id for run in runs]})
    tab = page.locator(".jp-AmlCompareTab")
    expect(tab.get_by_role("tab", name="What differs")).to_have_attribute("aria-selected", "true", timeout=WAIT_MS)
    expect(tab.get_by_role("tabpanel")).to_have_count(1)
    tab.get_by_role("rowheader", name="--lr").wait_for(timeout=WAIT_MS)
    assert _row(tab, "--lr") == ["0.1", "0.2"]
    tab.get_by_role("tab", name="Charts").click()
    expect(tab.get_by_text("None of these runs has logged a metric more than once.")).to_be_visible()


def test_a_terminal_opens_in_a_run(lab: Lab, page: Page, workspace: Workspace) -> None:
    run = _run(workspace, lab.folder / "inside", "import time\ntime.sleep(600)\n")
    try:
        until(lambda: run.get_status() == "Running", 60)
        lab.write("inside/inside.ipynb", "1 + 1")
        lab.open(page, "inside/inside.ipynb")
        page.locator(".jp-AmlStatus").get_by_text("running").wait_for(timeout=WAIT_MS)
        execute(page, "aml:terminal", {"workspace": "default", "run": run.id})
        page.locator(".jp-Terminal:visible .xterm").click(timeout=WAIT_MS)
        page.keyboard.type("echo found > here.txt\n")
        until(lambda: list(run.paths.root.glob("**/here.txt")), 60)
    finally:
        run.cancel()
        run.wait_for_completion(raise_on_error=False)


def test_all_of_it_behind_a_proxy_that_gives_it_another_path(
    part: Callable[..., str], tmp_path: Path, page: Page
) -> None:
    part(lambda: program("chromium", "chromium"))
    lab = Lab(tmp_path / "lab", base_url="/x/y/")
    (lab.folder / "birds").mkdir()
    (lab.folder / "birds" / "train.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(600)\n")
    lab.write("birds/birds.ipynb", "1 + 1")
    lab.start()
    strays: list[str] = []
    try:
        with RewritingProxy(lab._port, inner="/x/y/", outer="/user/ada/") as proxy:
            page.on("request", lambda request: strays.append(request.url) if "/x/y/" in request.url else None)
            page.goto(f"{proxy.address}lab/tree/birds/birds.ipynb?token={lab.token}&reset")
            page.locator(".jp-NotebookPanel-toolbar [data-command='aml:submit']").click(timeout=WAIT_MS)
            form = form_of(page)
            form.get_by_label("Script", exact=True).fill("train.py")
            form.get_by_role("button", name="Submit").click()
            monitor = submitted(page)
            monitor.get_by_text("begun").wait_for(timeout=WAIT_MS)
            monitor.get_by_role("button", name="Stop", exact=True).first.click()
            monitor.get_by_role("button", name="Stop", exact=True).last.click()
            notice(page, "was canceled")
            assert strays == []
    finally:
        lab.stop()
