"""The ways from one part to another, what a reload keeps, and how the parts look where there is little room."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from e2e.flow import fault_of, form_of, notice, open_form
from e2e.lab import WAIT_MS, Lab, browser_page, execute, output
from e2e.room import cut_off
from parts import program
from parts.home_run import HomeRun
from parts.saved import save_notebook
from parts.submitting import until
from playwright.sync_api import expect

from jupyter_ext.core.environments.environment import Environment
from jupyter_ext.core.workspaces.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

_FIRST, _SECOND = "birds_1", "birds_2"
_KEPT = """async () => {
    const { values } = await window.jupyterapp.serviceManager.workspaces.list();
    return values.flatMap(({ data }) => Object.keys(data));
}"""
_CURRENT = "() => window.jupyterapp.shell.currentWidget.title.label"
_MONITOR, _COMPARE, _PANEL = ".jp-AmlMonitorTab", ".jp-AmlCompareTab", ".jp-AmlPanel"
_BUILD_LOG = ".jp-AmlBuildLog"


@pytest.fixture(name="two")
def _two(part: Callable[..., str], tmp_path: Path) -> Iterator[Lab]:
    """A JupyterLab on a home with a run that has ended and one that goes on, and a notebook that shows it."""
    part(lambda: program("chromium", "chromium"))
    lab = Lab(tmp_path / "lab")
    HomeRun(lab.home, _FIRST).end("Failed", "ValueError: shape '[32, 3]' is invalid for input of size 12")
    save_notebook(lab.folder / "saved.ipynb", HomeRun(lab.home, _SECOND), kernel="python3")
    (lab.folder / "train.py").write_text("print('trained')\n")
    lab.start()
    yield lab
    lab.stop()


def _tabs(page: Page) -> None:
    """Open the monitor of a run, and from its menu the comparison with the other one."""
    execute(page, "aml:monitor", {"workspace": "default", "run": _SECOND})
    monitor = page.locator(_MONITOR)
    monitor.locator(".aml-id").get_by_text(_SECOND).wait_for(timeout=WAIT_MS)
    monitor.get_by_role("button", name="More").click()
    monitor.get_by_role("menuitem", name="Compare with").click()
    monitor.get_by_role("option").filter(has_text=_FIRST).click(timeout=WAIT_MS)
    monitor.get_by_role("button", name="Charts and code").click(timeout=WAIT_MS)
    page.locator(_COMPARE).locator("canvas").first.wait_for(timeout=WAIT_MS)


def _tab(page: Page, name: str) -> None:
    page.locator("#jp-main-dock-panel .lm-TabBar-tab").filter(has_text=name).first.click(timeout=WAIT_MS)


def test_the_status_bar_leads_to_the_panel_and_tabs_come_back_after_a_reload(two: Lab, page: Page) -> None:
    two.show(page, "saved.ipynb")
    expect(page.locator(_PANEL)).to_be_hidden()
    page.locator(".jp-AmlStatus").get_by_role("button", name="1 running").click(timeout=WAIT_MS)
    expect(page.locator(_PANEL).get_by_role("treeitem", name=re.compile(f", Running, .*, {_SECOND}$"))).to_be_visible(
        timeout=WAIT_MS
    )
    _tabs(page)
    until(lambda: {"aml-monitor", "aml-compare"} <= {name.split(":")[0] for name in page.evaluate(_KEPT)})
    address = f"{two.address}lab?token={two.token}"
    page.goto(address)
    _tab(page, "Compare 2 runs")
    page.locator(_COMPARE).locator("canvas").first.wait_for(timeout=WAIT_MS)
    _tab(page, "birds #1")
    expect(page.locator("#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current .lm-TabBar-tabIcon svg")).to_be_visible()
    expect(page.locator(_MONITOR).get_by_text("Running", exact=True).first).to_be_visible(timeout=WAIT_MS)
    expect(page.locator(_MONITOR)).to_have_count(1)

    shutil.rmtree(two.home / "default" / "runs" / _SECOND)
    expect(page.locator(_MONITOR)).to_contain_text("directory was deleted", timeout=WAIT_MS)
    two.kill()  # and with it what it has read
    two.start()
    page.goto(address)
    _tab(page, _SECOND)
    expect(page.locator(_MONITOR).get_by_role("alert")).to_contain_text(f"has no run {_SECOND}", timeout=WAIT_MS)


def test_the_log_of_a_build_is_a_tab_like_the_others(two: Lab, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AML_HOME", str(two.home))
    workspace = Workspace.get("default")
    Environment("birds").register(workspace).build_local(workspace)
    two.show(page, "saved.ipynb")
    execute(page, "aml:show-panel")
    page.locator(_PANEL).get_by_role("button", name="Environments").click(timeout=WAIT_MS)
    page.locator(_PANEL).get_by_role("treeitem", name=re.compile("^birds:1, ")).dblclick(timeout=WAIT_MS)
    log = page.locator(_BUILD_LOG)
    expect(log.locator("pre")).to_contain_text("[2/2] Check", timeout=WAIT_MS)
    expect(page.locator(f"{_BUILD_LOG}:focus")).to_have_count(1)
    assert page.evaluate(_CURRENT) == "Build of birds:1"
    until(lambda: "aml-build-log" in {name.split(":")[0] for name in page.evaluate(_KEPT)})
    page.goto(f"{two.address}lab?token={two.token}")
    _tab(page, "Build of birds:1")
    expect(log.locator("pre")).to_contain_text("[2/2] Check", timeout=WAIT_MS)
    page.locator("#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current .lm-TabBar-tabCloseIcon").last.click()
    expect(log).to_have_count(0)


def test_the_toolbar_of_notebook_7_submits(two: Lab, page: Page) -> None:
    two.show(page, "saved.ipynb", where="notebooks")
    page.locator("[data-command='aml:submit']").click(timeout=WAIT_MS)
    form = form_of(page)
    form.get_by_label("Script", exact=True).fill("train.py")
    form.get_by_role("button", name="Submit").click()
    told = notice(page, "Submitted as").inner_text()
    run = re.search(r"Submitted as (\S+)\. In a cell: %aml show \1", told)
    assert run is not None
    notice(page, f"{run[1]} has completed")
    open_again = page.locator("[data-command='aml:submit']")
    open_again.click()
    form = form_of(page)
    expect(form.get_by_label("Script", exact=True)).to_have_value("train.py")
    form.get_by_role("button", name="Insert cell").click()
    expect(form).to_have_count(0, timeout=WAIT_MS)
    expect(page.locator(".jp-Notebook .jp-CodeCell").last).to_contain_text("%aml_submit train.py")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_at_200_percent_nothing_is_cut_off(two: Lab, tmp_path: Path, theme: str) -> None:
    looks = tmp_path / "looks"
    looks.mkdir()
    (two.settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))
    with browser_page(dark="Dark" in theme, zoom=2) as page:
        two.show(page, "saved.ipynb")
        expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
        execute(page, "application:toggle-left-area")
        output(page, 0).locator(".aml").get_by_role("tab", name="Metrics").wait_for(timeout=WAIT_MS)
        for name in ("Logs", "Metrics", "Nodes", "Outputs", "Details"):
            output(page, 0).get_by_role("tab", name=name).click()
            page.wait_for_timeout(500)
            page.screenshot(path=looks / f"monitor-{name}.png")
            assert cut_off(page, ".jp-OutputArea .aml") == []
        form = open_form(page)
        form.get_by_label("Script", exact=True).fill("trian.py")
        form.get_by_label("Nodes", exact=True).fill("3")
        form.get_by_role("button", name="Submit").click()
        for field in ("Script", "Nodes"):
            expect(fault_of(form, field)).not_to_be_empty(timeout=WAIT_MS)
        page.screenshot(path=looks / "form.png")
        assert cut_off(page, ".jp-AmlSubmissionDialog .jp-Dialog-content") == []
        form.get_by_role("button", name="Cancel").click()
        _tabs(page)
        for name in ("Charts", "What differs", "Code"):
            page.locator(_COMPARE).get_by_role("tab", name=name).click()
            page.wait_for_timeout(500)
            page.screenshot(path=looks / f"compare-{name}.png")
            assert cut_off(page, _COMPARE) == []
        page.locator(".jp-AmlStatus-button").click()
        panel = page.locator(_PANEL)
        panel.get_by_role("treeitem", name=re.compile(f", {_FIRST}$")).click(timeout=WAIT_MS)
        panel.get_by_role("button", name="Search and filter").click()
        page.screenshot(path=looks / "panel.png")
        assert cut_off(page, _PANEL) == []
        narrow = "min-width: 200px !important; width: 200px !important;"  # JupyterLab itself stops at 250
        page.add_style_tag(content=f"{_PANEL} {{ {narrow} }}")
        page.locator(".jp-AmlPanel-sections").evaluate("element => { element.scrollTop = 0; }")
        page.wait_for_timeout(500)
        assert panel.evaluate("element => element.clientWidth") == 200
        page.screenshot(path=looks / "panel-200.png")
        assert cut_off(page, _PANEL) == []
