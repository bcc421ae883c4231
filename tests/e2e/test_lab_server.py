"""Monitors that are read from the Jupyter server, in real JupyterLab and Notebook 7."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from e2e.lab import WAIT_MS, Lab, output, run_all
from parts import program
from parts.home_run import HomeRun
from parts.saved import save_notebook
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

_LONG = """
import time
for i in range(1500):  # and no longer, should its test end before it is stopped
    print("tick", i, flush=True)
    time.sleep(0.2)
"""
_RECONNECTING = "Reconnecting to the Jupyter server…"


@pytest.fixture
def own_lab(part: Callable[..., str], tmp_path: Path) -> Iterator[Callable[..., Lab]]:
    """Starts servers of the test's own."""
    part(lambda: program("chromium", "chromium"))
    labs: list[Lab] = []

    def start(**options: Any) -> Lab:
        lab = Lab(tmp_path / f"lab{len(labs)}", **options)
        labs.append(lab)
        lab.start()
        return lab

    yield start
    for lab in labs:
        lab.stop()


def _submit(lab: Lab, page: Page, name: str, *cells: str) -> Locator:
    folder = lab.new_folder(name)
    (folder / "train.py").write_text(_LONG)
    lab.write(f"{folder.name}/{name}.ipynb", "%load_ext jupyter_ext", "run = %aml_submit train.py", *cells)
    lab.open(page, f"{folder.name}/{name}.ipynb")
    run_all(page)
    return output(page, 1)


def _wait_for_more(monitor: Locator) -> None:
    """Wait until the log has grown by some lines."""
    text = monitor.get_by_text(re.compile(r"^tick \d+$")).last.inner_text(timeout=WAIT_MS)
    later = int(text.split()[1]) + 10
    monitor.get_by_text(f"tick {later}", exact=True).wait_for(timeout=WAIT_MS)


def _stop(monitor: Locator) -> None:
    monitor.get_by_role("button", name="Stop", exact=True).first.click()
    monitor.get_by_role("button", name="Stop", exact=True).last.click()
    monitor.get_by_text("Canceled", exact=True).first.wait_for(timeout=WAIT_MS)


def _kernel(page: Page, action: str) -> None:
    page.evaluate(
        f"async () => {{ await window.jupyterapp.shell.currentWidget.context.sessionContext.{action}; }}",
    )


def test_it_outlives_page_and_kernel(lab: Lab, page: Page) -> None:
    monitor = _submit(lab, page, "outlives")
    _wait_for_more(monitor)
    _kernel(page, "session.kernel.restart()")
    _wait_for_more(monitor)
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save(); }")
    _kernel(page, "shutdown()")
    _wait_for_more(monitor)
    page.reload()
    _wait_for_more(monitor)
    expect(page.get_by_text("Error displaying widget")).to_be_hidden()
    _stop(monitor)


def test_stop_works_while_a_cell_runs(lab: Lab, page: Page) -> None:
    monitor = _submit(lab, page, "busy-stop", "import time; time.sleep(1000)")
    _wait_for_more(monitor)
    _stop(monitor)
    assert page.locator(".jp-CodeCell .jp-InputPrompt").nth(2).inner_text() == "[*]:"


def test_a_run_that_is_submitted_again_opens_in_a_tab(lab: Lab, page: Page) -> None:
    monitor = _submit(lab, page, "again")
    _wait_for_more(monitor)
    _stop(monitor)
    monitor.get_by_role("button", name="More", exact=True).click()
    monitor.get_by_role("menuitem", name="Run again").click()
    monitor.get_by_text("Submitted again as").first.wait_for(timeout=WAIT_MS)
    monitor.get_by_role("button", name="Open", exact=True).first.click()
    tab = page.locator(".jp-AmlMonitorTab")
    _wait_for_more(tab)
    _stop(tab)
    page.locator(".lm-DockPanel .lm-TabBar-tab.lm-mod-current .lm-TabBar-tabCloseIcon").last.click()
    expect(tab).to_have_count(0)


def test_a_server_that_comes_back_goes_on_where_it_was(own_lab: Callable[..., Lab], page: Page) -> None:
    lab = own_lab()
    run = HomeRun(lab.home, "birds_1")
    save_notebook(lab.folder / "saved.ipynb", run)
    lab.show(page, "saved.ipynb")
    monitor = output(page, 0)
    run.live.print("line 0\n")
    monitor.get_by_text("line 0", exact=True).wait_for(timeout=WAIT_MS)
    lab.kill()
    monitor.get_by_text(_RECONNECTING).wait_for(timeout=WAIT_MS)
    run.live.print("line 1\nline 2\n")
    lab.start()
    monitor.get_by_text("line 2", exact=True).wait_for(timeout=WAIT_MS)
    expect(monitor.get_by_text(_RECONNECTING)).to_have_count(0)
    run.live.print("line 3\n")
    monitor.get_by_text("line 3", exact=True).wait_for(timeout=WAIT_MS)
    assert re.findall(r"line \d", monitor.inner_text()) == ["line 0", "line 1", "line 2", "line 3"]
    run.end("Failed", "it broke")
    monitor.get_by_text("Failed", exact=True).first.wait_for(timeout=WAIT_MS)


@pytest.mark.parametrize("where", ["lab/tree", "notebooks"])
def test_a_saved_notebook_shows_its_run_behind_a_base_url(own_lab: Callable[..., Lab], page: Page, where: str) -> None:
    lab = own_lab(base_url="/x/y/")
    run = HomeRun(lab.home, "birds_1")
    run.end()
    save_notebook(lab.folder / "saved.ipynb", run)
    lab.show(page, "saved.ipynb", where=where)
    monitor = output(page, 0)
    monitor.get_by_role("tab", name="Metrics 3").wait_for(timeout=WAIT_MS)
    monitor.get_by_text("epoch 1").wait_for(timeout=WAIT_MS)
    assert "<script>alert(1)</script>" in monitor.inner_text()


@pytest.mark.parametrize(
    "change",
    [
        {"id": "../birds_1"},
        {"id": "no_such_run"},
        {"workspace": "../x"},
        {"id": "<img src=x onerror=alert(1)>"},
        {"created": 1.0},
    ],
    ids=str,
)
def test_what_names_no_run_of_this_home_shows_the_saved_html(lab: Lab, page: Page, change: dict[str, Any]) -> None:
    run = HomeRun(lab.home, f"odd_{secrets.token_hex(4)}")
    run.end()
    html = "<script>window.hacked = true</script><p>the saved page</p>"
    save_notebook(lab.folder / "odd.ipynb", run, named=change, html=html)
    lab.show(page, "odd.ipynb")
    output(page, 0).get_by_text("the saved page").wait_for(timeout=WAIT_MS)
    expect(page.get_by_text("Error displaying widget")).to_be_hidden()
    assert page.evaluate("() => window.hacked") is None


def test_without_the_server_extension_the_widget_lives_and_then_the_html(
    own_lab: Callable[..., Lab], page: Page
) -> None:
    lab = own_lab(arguments=('--ServerApp.jpserver_extensions={"jupyter_ext": False}',))
    monitor = _submit(lab, page, "absent")
    _wait_for_more(monitor)
    assert monitor.locator(".jp-AmlMonitor > .lm-Panel .aml").count() == 1  # inside the widget's own renderer
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save(); }")
    page.reload()
    _wait_for_more(monitor)
    _kernel(page, "shutdown()")
    page.reload()
    monitor.locator(".jp-RenderedHTML").get_by_text("absent-").first.wait_for(timeout=WAIT_MS)
    expect(page.get_by_text("Error displaying widget")).to_be_hidden()


@pytest.mark.parametrize("moment", ["live", "reloaded", "busy"])
def test_without_the_server_extension_the_widget_stops_its_run(
    own_lab: Callable[..., Lab], page: Page, moment: str
) -> None:
    lab = own_lab(arguments=('--ServerApp.jpserver_extensions={"jupyter_ext": False}',))
    monitor = _submit(lab, page, "alone", *["import time; time.sleep(1000)"] * (moment == "busy"))
    _wait_for_more(monitor)
    if moment == "reloaded":
        monitor.get_by_role("button", name="More", exact=True).click()
        monitor.get_by_role("menuitem", name="Reproduce").click()
        monitor.get_by_text("%aml rerun").first.wait_for(timeout=WAIT_MS)  # the kernel has answered this page
        page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save(); }")
        page.reload()
        _wait_for_more(monitor)
    _stop(monitor)
    if moment == "busy":
        assert page.locator(".jp-CodeCell .jp-InputPrompt").nth(2).inner_text() == "[*]:"
