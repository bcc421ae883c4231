"""A bare page with the run monitor's view, fed by a source that the test scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page, Route

    Mount = Callable[..., Locator]

ROOT = Path(__file__).resolve().parents[2]
VIEW = ROOT / "jupyter_ext" / "monitor" / "static" / "view.js"
SCRIPTED = ROOT / "labextension" / "test" / "scripted.js"
PAGE = "<!doctype html><meta charset='utf-8'><body style='margin: 8px'><div id='at'></div>"
LOG = "user_logs/std_log.txt"
MOUNT = """async ([kind, ui, before]) => {
    const { scenario } = await import('/scripted.js');
    const { mount } = await import('/view.js');
    window.source = await scenario(kind);
    Object.assign(source.ui, ui);
    if (before) { new Function(before)(); }
    window.dispose = mount(document.getElementById('at'), source);
}"""
BUSY_STOP = "The kernel is busy: the run stops when its cell ends. At once, in a terminal:"


def serve(route: Route) -> None:
    """Answer with the page, the view or the scripted source."""
    files = {"view.js": VIEW, "scripted.js": SCRIPTED}
    path = files.get(route.request.url.rsplit("/", 1)[-1])
    if path is None:
        route.fulfill(body=PAGE, content_type="text/html")
    else:
        route.fulfill(body=path.read_text("utf-8"), content_type="text/javascript")


def long_log(lines: int) -> str:
    """Give JavaScript that makes the log so long."""
    return f"source.logs['{LOG}'] = {{ total: {lines}, line: (n) => 'line ' + (n + 1) }}; source.pushTail('{LOG}');"


def row_of(page: Page, number: int) -> Locator:
    """Return a line of the log by its number, from 1."""
    return page.locator(f".aml-row[data-line='{number}']")


def asked(page: Page, op: str) -> list[dict[str, object]]:
    """Return the parameters of every request of a kind so far."""
    params: list[dict[str, object]] = page.evaluate(
        "(op) => source.asked.filter((each) => each.op === op).map((each) => each.params)", op
    )
    return params
