"""The view fed by a widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from e2e.view_page import BUSY_STOP
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_the_widget_shares_one_source_between_its_views(page: Page) -> None:
    page.evaluate("""async () => {
        const { default: widget } = await import('/view.js');
        const { scenario } = await import('/scripted.js');
        const { topics } = await scenario('running');
        const listeners = {};
        window.sent = [];
        window.model = {
            get: (name) => topics[name],
            on: (event, callback) => (listeners[event] ??= []).push(callback),
            off: (event, callback) => { listeners[event] = listeners[event].filter((each) => each !== callback); },
            send: (content) => sent.push(content),
        };
        window.emit = (event, ...values) => listeners[event].forEach((callback) => callback(...values));
        const { initialize, render } = widget();
        initialize({ model });
        for (const name of ['a', 'b']) {
            const el = document.createElement('div');
            el.id = name;
            document.body.append(el);
            render({ model, el });
        }
    }""")
    for name in ("a", "b"):
        expect(page.locator(f"#{name} .aml-header")).to_contain_text("Running")
    page.locator("#a").get_by_role("button", name="Stop").click()
    page.locator("#a").get_by_role("group").get_by_role("button", name="Stop").click()
    message = page.evaluate("sent.at(-1)")
    assert (message["op"], message["params"]) == ("cancel", {})
    expect(page.locator("#a .aml-stop-notice")).to_contain_text(f"{BUSY_STOP} jupyter aml cancel birds_1763_9f2c")
    page.evaluate("emit('msg:custom', { id: sent.at(-1).id, error: 'it has ended' }, [])")
    expect(page.locator("#a .aml-header")).to_contain_text("it has ended")
    page.locator("#b").get_by_role("tab", name="Outputs").click()
    page.locator("#b").get_by_role("treeitem", name="report.txt").click()
    page.evaluate("""() => {
        const data = new TextEncoder().encode('--hello').subarray(2);
        const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
        emit('msg:custom', { id: sent.at(-1).id, ok: { name: 'x', size: 5, mime: 'text/plain', offset: 0 } }, [view]);
    }""")
    expect(page.locator("#b .aml-preview pre")).to_have_text("hello")
