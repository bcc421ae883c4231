"""The side panel in a real JupyterLab whose workspace has ten thousand runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from e2e.axe import violations
from e2e.lab import WAIT_MS, Lab, execute
from parts import program
from parts.home_run import HomeRun
from parts.many_runs import write_ended_runs
from playwright.sync_api import expect

from jupyter_ext import Environment, Model, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

_OLD = 10_000
_RECONNECTING = "Reconnecting to the Jupyter server…"
_PANEL = ".jp-AmlPanel"


@pytest.fixture(scope="module", name="many")
def _many(part: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab on a home with many old runs."""
    part(lambda: program("chromium", "chromium"))
    lab = Lab(tmp_path_factory.mktemp("panel"))
    write_ended_runs(lab.home, _OLD)
    (lab.folder / "train.py").write_text("open('outputs/kept.txt', 'w').write('kept'); print('<b>trained</b>')")
    lab.write("notes.ipynb", "1 + 1")
    lab.start()
    expect.set_options(timeout=WAIT_MS)
    yield lab
    lab.stop()


def _show(lab: Lab, page: Page, *, reset: bool = True) -> Locator:
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{lab.address}lab/tree/notes.ipynb?token={lab.token}{'&reset' if reset else ''}")
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.shell.currentWidget", timeout=WAIT_MS)
    execute(page, "aml:show-panel")
    panel = page.locator(_PANEL)
    panel.get_by_role("treeitem").first.wait_for()
    return panel


def _run(panel: Locator, name: str) -> Locator:
    return panel.get_by_role("tree", name="Runs").get_by_role("treeitem", name=re.compile(rf", {re.escape(name)}$"))


def _find(panel: Locator, words: str) -> None:
    box = panel.get_by_role("searchbox", name="Find runs")
    if not box.is_visible():
        panel.get_by_role("button", name="Search and filter").click()
    box.fill(words)


def _answer(page: Page, button: str) -> None:
    page.locator(".jp-Dialog").get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".jp-Dialog")).to_have_count(0)


def _menu(page: Page, row: Locator, item: str) -> None:
    row.click(button="right")
    page.get_by_role("menuitem", name=item).click()


def test_a_run_comes_goes_on_and_ends_before_ones_eyes(many: Lab, page: Page) -> None:
    panel = _show(many, page)
    expect(_run(panel, f"old_{_OLD}")).to_contain_text(f"ValueError: shape {_OLD} is not (3, 224)")
    run = HomeRun(many.home, "live_1")
    row = _run(panel, "live_1")
    row.wait_for()
    assert "birds #1 train.py --epochs 3" in panel.get_by_role("treeitem").first.inner_text()
    expect(row).to_have_attribute("aria-label", re.compile("Running"))
    run.live.print("loading <b>data</b>\n")
    expect(row).to_contain_text("loading <b>data</b>")
    run.end("Failed", "ValueError: this shape")
    expect(row).to_contain_text("ValueError: this shape")
    row.click()
    expect(panel.get_by_role("region", name="Selected run")).to_contain_text("birds #1")
    row.dblclick()
    monitor = page.locator(".jp-AmlMonitorTab")
    expect(monitor.get_by_text("this shape").first).to_be_visible()


def test_ten_thousand_runs_by_keys_alone(many: Lab, page: Page) -> None:
    panel = _show(many, page)
    tree = panel.get_by_role("tree", name="Runs")
    panel.get_by_role("button", name=re.compile("^Runs")).focus()
    for _ in range(2):  # the filter's button, then the one row that Tab leads to
        page.keyboard.press("Tab")
    for further in (300, 500):  # more are read as one comes to the end of those that are there
        page.keyboard.press("End")
        expect(tree.locator(":focus")).to_have_attribute("aria-selected", "true")
        page.wait_for_function(
            "wanted => Number(document.activeElement.ariaSetSize) >= wanted", arg=further, timeout=WAIT_MS
        )
    assert tree.get_by_role("treeitem").count() < 100
    _find(panel, "old_3")
    panel.get_by_role("combobox", name="Order").select_option("oldest")
    expect(panel.get_by_role("treeitem").first).to_have_attribute("aria-label", re.compile(", old_3$"))
    panel.get_by_role("treeitem").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowDown")
    selected = panel.get_by_role("region", name="Selected runs")
    expect(selected).to_contain_text("2 runs selected")
    expect(selected.get_by_role("button", name="Compare")).to_be_visible()
    page.keyboard.press("Shift+F10")
    page.get_by_role("menuitem", name="Copy ids").wait_for()
    page.keyboard.press("Escape")
    _run(panel, "old_30").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".jp-AmlMonitorTab").get_by_text("old_30").first).to_be_visible()


def test_what_is_found_and_grouped_is_remembered(many: Lab, page: Page) -> None:
    panel = _show(many, page)
    _find(panel, "old_99 birds")
    expect(_run(panel, "old_9996")).to_be_visible()
    expect(_run(panel, "old_9998")).to_have_count(0)
    panel.get_by_role("combobox", name="State").select_option("failed")
    expect(_run(panel, "old_9996")).to_have_count(0)
    panel.get_by_role("checkbox", name="Group by experiment").check()
    group = panel.get_by_role("treeitem", name=re.compile("^birds, "))
    expect(group).to_have_attribute("aria-expanded", "true")
    group.click()
    expect(group).to_have_attribute("aria-expanded", "false")
    page.wait_for_timeout(1500)  # what is remembered is written a moment later
    panel = _show(many, page, reset=False)
    expect(panel.get_by_role("treeitem", name=re.compile("^birds, "))).to_have_attribute("aria-expanded", "false")
    expect(panel.get_by_role("searchbox", name="Find runs")).to_have_value("old_99 birds")
    _find(panel, "no such run")
    panel.get_by_role("button", name="Show all").click()
    expect(panel.get_by_role("treeitem", name=re.compile(r"^birds, 2,\d"))).to_be_visible()


def test_cancel_asks_once(many: Lab, page: Page) -> None:
    run = HomeRun(many.home, "to_cancel_1")
    panel = _show(many, page)
    _run(panel, "to_cancel_1").click()
    panel.get_by_role("button", name="Cancel", exact=True).click()
    _answer(page, "Keep")
    expect(_run(panel, "to_cancel_1")).to_have_attribute("aria-label", re.compile("Running"))
    panel.get_by_role("button", name="Cancel", exact=True).click()
    _answer(page, "Stop")
    expect(_run(panel, "to_cancel_1")).to_have_attribute("aria-label", re.compile("Stopping"))
    run.end("Canceled")
    expect(_run(panel, "to_cancel_1")).to_have_attribute("aria-label", re.compile("Canceled"))


def test_a_run_is_submitted_again_looked_into_downloaded_and_deleted(many: Lab, page: Page) -> None:
    body = {"folder": "", "script": "train.py"}
    first = many.ask("/workspaces/default/submit", "POST", body=body).json()["id"]
    panel = _show(many, page)
    expect(_run(panel, first)).to_have_attribute("aria-label", re.compile("Completed"))
    _menu(page, _run(panel, first), "Run again")
    page.get_by_text("Submitted again as").first.wait_for()
    second = (panel.get_by_role("treeitem").first.get_attribute("aria-label") or "").split(", ")[-1]
    assert second != first
    expect(_run(panel, second)).to_have_attribute("aria-label", re.compile("Completed"))
    _menu(page, _run(panel, first), "Open snapshot")
    expect(page.locator(".jp-Dialog")).to_contain_text("train.py")
    _answer(page, "Close")
    with page.expect_download() as download:
        _menu(page, _run(panel, first), "Download outputs and logs")
    assert download.value.suggested_filename == f"{first}.zip"
    folder = many.home / "default" / "runs" / first
    assert folder.is_dir()
    _run(panel, first).click()
    page.keyboard.press("Delete")
    expect(page.locator(".jp-Dialog")).to_contain_text(first)
    expect(page.locator(".jp-Dialog")).to_contain_text("cannot be undone")
    _answer(page, "Delete")
    expect(_run(panel, first)).to_have_count(0)
    assert not folder.exists()


def test_the_server_goes_away_and_comes_back(many: Lab, page: Page) -> None:
    run = HomeRun(many.home, "outlives_1")
    panel = _show(many, page)
    _run(panel, "outlives_1").wait_for()
    many.kill()
    panel.get_by_text(_RECONNECTING).wait_for()
    expect(_run(panel, "outlives_1")).to_be_visible()
    run.end()
    many.start()
    expect(_run(panel, "outlives_1")).to_have_attribute("aria-label", re.compile("Completed"))
    expect(panel.get_by_text(_RECONNECTING)).to_have_count(0)
    expect(_run(panel, "outlives_1")).to_have_count(1)


def test_compute_is_added_scaled_and_removed(many: Lab, page: Page) -> None:
    panel = _show(many, page)
    tree = panel.get_by_role("tree", name="Compute targets")
    expect(tree.get_by_role("treeitem", name=re.compile("^local, "))).to_be_visible()
    expect(panel.get_by_role("meter", name="CPU")).to_be_visible()
    panel.get_by_role("button", name="Add a compute target").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("cluster")
    page.get_by_role("spinbutton", name="Nodes").fill("2")
    _answer(page, "Add")
    cluster = tree.get_by_role("treeitem", name=re.compile("^cluster, "))
    expect(cluster).to_contain_text("0 of 2 nodes")
    cluster.click()
    panel.get_by_role("button", name="Scale…").click()
    page.get_by_role("spinbutton", name="Nodes").fill("3")
    _answer(page, "Scale")
    expect(cluster).to_contain_text("0 of 3 nodes")
    cluster.press("Delete")
    _answer(page, "Remove")
    expect(cluster).to_have_count(0)


def test_environments_and_models(many: Lab, page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AML_HOME", str(many.home))
    workspace = Workspace.get("default")
    Environment("flowers").register(workspace)
    (tmp_path / "model.txt").write_text("weights")
    for _ in range(2):
        Model.register(workspace, str(tmp_path / "model.txt"), "flowers-model")
    panel = _show(many, page)
    panel.get_by_role("button", name="Environments").click()
    _menu(page, panel.get_by_role("treeitem", name=re.compile("^flowers:1, ")), "Use in a new cell")
    expect(page.locator(".jp-Notebook .jp-CodeCell").last).to_contain_text("%aml_submit --env flowers:1")
    panel.get_by_role("button", name="Models").click()
    panel.get_by_role("treeitem", name=re.compile("^flowers-model, ")).click()
    with page.expect_download() as download:
        _menu(page, panel.get_by_role("treeitem", name="flowers-model:2"), "Download")
    assert download.value.path().read_bytes() != b""


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_anybody_can_use_it(many: Lab, page: Page, theme: str, part: Callable[..., list[str]]) -> None:
    page.emulate_media(reduced_motion="reduce")
    panel = _show(many, page)
    execute(page, "apputils:change-theme", {"theme": theme})
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme, timeout=WAIT_MS)
    _find(panel, "old_")
    panel.get_by_role("checkbox", name="Group by experiment").check()
    panel.get_by_role("treeitem", name=re.compile(r", old_\d+$")).first.click()
    for section in ("Environments", "Models"):
        panel.get_by_role("button", name=section).click()
    expect(panel.get_by_role("meter", name="CPU")).to_be_visible()
    assert part(lambda: violations(page, _PANEL)) == []
    # At 200 % a side bar of 400 pixels is one of 200.
    page.evaluate("() => { document.querySelector('.jp-AmlPanel').style.width = '200px'; }")
    overflow = panel.evaluate("panel => panel.scrollWidth - panel.clientWidth")
    assert overflow <= 0
    assert part(lambda: violations(page, _PANEL)) == []
