"""Every word of the view comes from a translation where there is one, and is English where there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from parts.live_run import fill, make_run
from playwright.sync_api import expect

from jupyter_ext.store.live.feed import RunFeed
from jupyter_ext.store.records import BuiltRecord, RunSpec, encode

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.view_page import Mount
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
_UNITS = {"GHz", "MHz"}
# A language in which every sentence stands in brackets.
_TRANSLATE = """async () => {
    const { translateWith } = await import('/view.js');
    const marked = (text, values) => `⟦${text.replace(/%(\\d)/g, (_, k) => values[k - 1])}⟧`;
    translateWith({
        __: (text, ...values) => marked(text, values),
        _n: (one, many, n, ...values) => marked(n === 1 ? one : many, [n, ...values]),
    });
}"""
_TEXTS = """view => {
    const walker = document.createTreeWalker(view, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    const texts = [];
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
        const of = (name) => node.getAttribute(name) ?? '';
        texts.push(...(node.nodeType === Node.TEXT_NODE
            ? [node.parentElement.closest('pre.aml-code') ? '' : node.data]
            : ['aria-label', 'title', 'placeholder', 'aria-valuetext', 'label', 'data-done'].map(of)));
    }
    return texts;
}"""
_KNOWN = """source => [JSON.stringify(source.topics), JSON.stringify(source.before), JSON.stringify(source.runs),
    JSON.stringify(source.answer_reproduce()), JSON.stringify(source.answer_snapshot()),
    ...Object.values(source.logs).flatMap(
        ({ total, line }) => Array.from({ length: total }, (_, n) => line(n)))].join(' ')"""


def _untranslated(page: Page) -> set[str]:
    """Return the words that are neither in brackets nor the run's own, nor a number, a unit or a moment."""
    known = page.evaluate(f"({_KNOWN})(window.source)").replace("\\n", " ")
    found: set[str] = set()
    for text in page.locator(".aml").evaluate(_TEXTS):
        rest = text or ""
        while "⟦" in rest:
            rest = re.sub(r"⟦[^⟦⟧]*⟧", " ", rest)
        found |= {word for word in re.findall(r"[^\W\d_]{3,}", rest) if word not in known and word not in _UNITS}
    return found


@pytest.mark.parametrize("kind", ["queued", "finished", "failed", "gpus", "sweep"])
def test_no_word_is_left_in_english(page: Page, mount: Mount, kind: str) -> None:
    page.evaluate(_TRANSLATE)
    view = mount(kind)
    seen: set[str] = set()
    for tab in view.get_by_role("tab").all():
        tab.click()
        page.wait_for_timeout(200)
        seen |= _untranslated(page)
    for item in ("⟦Compare with…⟧", "⟦Open snapshot⟧", "⟦Reproduce…⟧"):
        view.get_by_role("button", name="⟦More⟧").click()
        view.get_by_role("menuitem", name=item).click()
        expect(view.get_by_text("⟦Loading…⟧")).to_have_count(0)
        seen |= _untranslated(page)
        view.get_by_role("button", name="⟦Close⟧").last.click()
    assert seen == set()


def test_what_the_server_names_is_translated_and_what_the_run_names_is_not(
    page: Page, mount: Mount, tmp_path: Path
) -> None:
    live = make_run(tmp_path / "birds_1")
    spec = msgspec.json.decode(live.paths.run_json.read_bytes(), type=RunSpec)
    live.paths.run_json.write_bytes(
        encode(
            msgspec.structs.replace(
                spec,
                parent="sweep_1",
                command="make",
                node_count=2,
                processes_per_node=2,
                max_retries=3,
                submitted_by="ada",
                container=True,
                source_directory="/home/ada/birds",
                environment={
                    "name": "birds",
                    "version": "1",
                    "docker": {"baseImage": "debian", "baseDockerfile": "FROM debian"},
                    "python": {"condaDependencies": {"dependencies": ["numpy"]}},
                },
            )
        )
    )
    built = BuiltRecord(kind="image", key="k", python="/usr/bin/python", version="3.11", image="5f", lock=["numpy==2"])
    live.paths.built.write_bytes(msgspec.json.encode(built))
    fill(live)
    live.event(0.5, note="2nd in line for local; waits for 1 GPU", display_name="Birds", description="Of the garden")
    feed = RunFeed(live.paths)
    feed.read_all()
    page.evaluate(_TRANSLATE)
    view = mount("finished")
    topics = {name: feed.topic(name) for name in ("phases", "details")}
    page.evaluate("topics => { for (const name in topics) { source.set(name, topics[name]); } }", topics)
    assert [name for name in view.locator(".aml-phase-name").all_inner_texts() if "⟦" not in name] == []
    expect(view.locator(".aml-phase").first).to_have_attribute("aria-label", re.compile("⟦2 files, 2.0 KB⟧"))
    expect(view.locator(".aml-phase").nth(1)).to_have_attribute("aria-label", re.compile("⟦2nd in line for local⟧; ⟦"))
    view.get_by_role("tab", name="⟦Details⟧").click()
    for title in view.locator(".aml-detail h3").all_inner_texts():
        assert title.startswith("⟦")
    for title in ("Run", "Environment", "Snapshot"):
        names = view.get_by_role("region", name=f"⟦{title}⟧", exact=True).locator("dt").all_inner_texts()
        assert names
        assert [name for name in names if not name.startswith("⟦")] == []
    expect(view.get_by_role("region", name="⟦Git⟧").locator("dt")).to_have_text("branch")
    expect(view.get_by_role("region", name="⟦Environment⟧")).to_contain_text("⟦container⟧")


def test_it_is_english_where_there_is_no_translation(mount: Mount) -> None:
    view = mount("gpus")
    expect(view.get_by_role("tab", name="Nodes 2 · 4 GPUs")).to_be_visible()
    view.get_by_role("tab", name="Nodes").click()
    expect(view).to_contain_text("ranks 0, 1")
