"""What goes wrong is shown plainly in a real JupyterLab: odd files and logs, clocks that jump, two browsers."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import nbformat
import pytest
from e2e.lab import WAIT_MS, Lab, execute
from nbconvert import HTMLExporter
from parts import program
from parts.home_run import HomeRun
from parts.saved import save_notebook
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

_TEN_GB = 10 * 1024**3
_EVIL = "<img src=x onerror='window.hacked=1'><script>window.hacked=1<\N{DIVISION SLASH}script>.txt"
_MOVING = "() => document.getAnimations().filter(({ playState }) => playState === 'running').length"


@pytest.fixture(name="home_lab")
def _home_lab(part: Callable[..., str], tmp_path: Path) -> Iterator[Lab]:
    """A JupyterLab on a home of the test's own."""
    part(lambda: program("chromium", "chromium"))
    lab = Lab(tmp_path / "lab")
    lab.start()
    yield lab
    lab.stop()


def _monitor(lab: Lab, page: Page, run: HomeRun) -> Locator:
    """Open a run's monitor in a tab, beside the panel."""
    page.goto(f"{lab.address}lab?token={lab.token}&reset")
    page.wait_for_function("() => window.jupyterapp?.commands.hasCommand('aml:monitor')", timeout=WAIT_MS)
    page.evaluate("async () => { await window.jupyterapp.restored; }")
    execute(page, "aml:show-panel")
    execute(page, "aml:monitor", {"workspace": "default", "run": run.live.id})
    monitor = page.locator(".jp-AmlMonitorTab")
    monitor.locator(".aml-id").get_by_text(run.live.id).wait_for(timeout=WAIT_MS)
    return monitor


def _row(page: Page, run: HomeRun) -> Locator:
    return page.locator(".jp-AmlPanel").get_by_role("treeitem", name=re.compile(f", {run.live.id}$"))


def test_names_and_logs_of_any_kind_are_text(home_lab: Lab, page: Page) -> None:
    run = HomeRun(home_lab.home, "odd_1")
    (run.live.paths.outputs / _EVIL).write_text("<script>window.hacked=1</script>")
    escapes = "".join(
        f"\x1b[{code}m\x1b]0;title{code}\x07\x1b[{code}A\x1b[2J\x1b[?25l\x9b{code}m" for code in range(110)
    )
    run.live.print(f"{escapes}<b>coloured</b>\n" * 50)
    run.live.print(f"{'x' * 500_000}needle{'y' * 500_000}\n" * 3)
    run.live.print("the end\n")
    monitor = _monitor(home_lab, page, run)
    monitor.get_by_text("the end", exact=True).wait_for(timeout=WAIT_MS)
    monitor.get_by_role("searchbox", name="Find in the whole file").fill("needle")
    monitor.get_by_text("1 of 3").wait_for(timeout=WAIT_MS)
    monitor.get_by_role("searchbox", name="Find in the whole file").fill("coloured")
    monitor.get_by_text("1 of 50").wait_for(timeout=WAIT_MS)
    expect(monitor.locator(".aml-row[data-line='3']")).to_contain_text("<b>coloured</b>", timeout=WAIT_MS)
    monitor.get_by_role("tab", name="Outputs").click()
    monitor.get_by_role("treeitem", name=_EVIL).click(timeout=WAIT_MS)
    expect(monitor.locator(".aml-preview pre")).to_have_text("<script>window.hacked=1</script>", timeout=WAIT_MS)
    with page.expect_download() as download:
        monitor.get_by_role("button", name="Download", exact=True).click()
    assert download.value.path().read_text() == "<script>window.hacked=1</script>"
    run.end("Failed", "<img src=x onerror='window.hacked=1'>")
    expect(_row(page, run)).to_contain_text("<img src=x", timeout=WAIT_MS)
    expect(monitor.locator(".aml-reason")).to_contain_text("<img src=x", timeout=WAIT_MS)
    assert page.evaluate("() => window.hacked") is None


def test_the_end_of_a_log_of_ten_gigabytes(home_lab: Lab, page: Page) -> None:
    run = HomeRun(home_lab.home, "huge_1")
    log = run.live.paths.user_logs / "std_log.txt"
    with log.open("ab") as file:
        file.truncate(_TEN_GB)
        file.seek(_TEN_GB)
        file.write(b"\nepoch 9/10 the end\n")
    try:
        monitor = _monitor(home_lab, page, run)
        expect(_row(page, run)).to_contain_text("epoch 9/10", timeout=WAIT_MS)
        monitor.get_by_text("epoch 9/10 the end").wait_for(timeout=WAIT_MS)
        run.live.print("after it\n")
        monitor.get_by_text("after it").wait_for(timeout=WAIT_MS)
    finally:
        log.unlink()


def test_clocks_that_jump(home_lab: Lab, page: Page) -> None:
    run = HomeRun(home_lab.home, "clock_1")
    run.live.event(-3600.0, note="the clock was set back")
    page.add_init_script("const now = Date.now; Date.now = () => now() + 7_200_000;")  # this machine's is ahead
    monitor = _monitor(home_lab, page, run)
    age = time.time() - run.live.created
    shown = monitor.locator(".aml-time")
    expect(shown).to_have_text(re.compile(r"^[1-9] m \d\d s$"), timeout=WAIT_MS)
    minutes, seconds = re.findall(r"\d+", shown.inner_text())
    assert abs(int(minutes) * 60 + int(seconds) + 11 - age) < 30
    run.live.event(-1800.0, status="Finalizing")
    run.end("Completed")
    expect(_row(page, run)).to_have_attribute("aria-label", re.compile("Completed"), timeout=WAIT_MS)
    monitor.get_by_text("Completed", exact=True).first.wait_for(timeout=WAIT_MS)
    for text in (shown.inner_text(), *monitor.locator(".aml-phase").all_inner_texts(), _row(page, run).inner_text()):
        assert "NaN" not in text
        assert not re.search(r"-\d", text)


def test_two_browsers_cancel_at_once(home_lab: Lab, page: Page) -> None:
    run = HomeRun(home_lab.home, "twice_1")
    assert page.context.browser is not None
    other = page.context.browser.new_page()
    monitors = [_monitor(home_lab, each, run) for each in (page, other)]
    for monitor in monitors:
        monitor.get_by_role("button", name="Stop", exact=True).first.click()
    for monitor in monitors:
        monitor.get_by_role("button", name="Stop", exact=True).last.click(no_wait_after=True)
    for each, monitor in zip((page, other), monitors, strict=True):
        monitor.get_by_text("Stopping", exact=False).first.wait_for(timeout=WAIT_MS)
        expect(_row(each, run)).to_have_attribute("aria-label", re.compile("Stopping"), timeout=WAIT_MS)
    run.end("Canceled")
    for each, monitor in zip((page, other), monitors, strict=True):
        monitor.get_by_text("Canceled", exact=True).first.wait_for(timeout=WAIT_MS)
        expect(_row(each, run)).to_have_attribute("aria-label", re.compile("Canceled"), timeout=WAIT_MS)
        expect(monitor.get_by_text("could not be stopped")).to_have_count(0)


def test_nothing_moves_where_less_motion_is_asked_for(home_lab: Lab, page: Page) -> None:
    run = HomeRun(home_lab.home, "still_1")
    monitor = _monitor(home_lab, page, run)
    expect(_row(page, run)).to_be_visible(timeout=WAIT_MS)
    page.wait_for_function(f"{_MOVING.removeprefix('() => ')} > 0", timeout=WAIT_MS)
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_function(f"{_MOVING.removeprefix('() => ')} === 0", timeout=WAIT_MS)
    monitor.get_by_role("tab", name="Metrics").click()
    assert page.evaluate(_MOVING) == 0


def test_nbconvert_shows_the_run_and_no_script_of_its(tmp_path: Path, page: Page, part: Callable[..., str]) -> None:
    part(lambda: program("chromium", "chromium"))
    run = HomeRun(tmp_path / "home", "saved_1")
    run.end("Failed", "ValueError: <script>window.hacked = 1</script>")
    save_notebook(tmp_path / "saved.ipynb", run)
    html, _ = HTMLExporter().from_notebook_node(nbformat.read(tmp_path / "saved.ipynb", as_version=4))
    page.route("**/*", lambda route: route.abort())  # a page that nothing can be loaded into
    page.set_content(html)
    shown = page.locator(".jp-OutputArea-output")
    for text in (
        "saved_1",
        "Failed",
        "ValueError: <script>window.hacked = 1</script>",
        "epoch 1",
        "train.py --epochs 3",
    ):
        expect(shown.first).to_contain_text(text)
    expect(shown.locator("svg").first).to_be_visible()
    assert page.evaluate("() => window.hacked") is None
