"""In a JupyterLab of another language, here one whose texts stand in brackets, nothing of ours is left in English."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from e2e.flow import fault_of, form_of
from e2e.lab import WAIT_MS, Lab, execute
from parts import program
from parts.home_run import HomeRun
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

_SOURCES = Path(__file__).parents[2] / "labextension" / "src"
_CALL = re.compile(r'(?:trans|translation)\.(__|_n)\(\s*("(?:[^"\\]|\\.)*")(?:,\s*("(?:[^"\\]|\\.)*"))?')
_TEXTS = """part => {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    const texts = [];
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
        const of = (name) => node.getAttribute(name) ?? '';
        texts.push(...(node.nodeType === Node.TEXT_NODE
            ? [node.parentElement.closest('code, style') ? '' : node.data]
            : ['aria-label', 'title', 'placeholder', 'aria-valuetext', 'label'].map(of)));
    }
    return texts;
}"""
# What is named besides what the runs' own files say, and how the browser spells times.
_OWN = {"trian.py", "ago", "now", "ExperimentRun", "notebooks", "aml", "artifactId", "dcid"}


def _catalogue() -> dict[str, object]:
    """Return the language, as a language pack has it."""
    told: dict[str, object] = {
        "": {"domain": "jupyter_aml", "language": "xx", "plural_forms": "nplurals=2; plural=(n != 1);"}
    }
    for file in (*_SOURCES.rglob("*.ts"), *_SOURCES.rglob("*.tsx")):
        for kind, *texts in _CALL.findall(file.read_text()):
            one, many = (json.loads(text) if text else "" for text in texts)
            told[one] = [f"⟦{one}⟧", f"⟦{many}⟧"] if kind == "_n" else [f"⟦{one}⟧"]
    return told


@pytest.fixture(name="foreign")
def _foreign(part: Callable[..., str], tmp_path: Path, page: Page) -> Iterator[Lab]:
    """A JupyterLab in that language, on a home with a run that goes on and one that has failed."""
    part(lambda: program("chromium", "chromium"))
    lab = Lab(tmp_path / "lab")
    HomeRun(lab.home, "birds_1").end(
        "Failed", "The script ended with exit code 1 and said nothing. Placed again (1 of 3)."
    )
    HomeRun(lab.home, "birds_2")
    (lab.folder / "train.py").write_text("print('trained')\n")
    settings = lab.settings.parent / "translation-extension"
    settings.mkdir()
    (settings / "plugin.jupyterlab-settings").write_text(json.dumps({"locale": "xx"}))
    answer = {"data": {"jupyter_aml": _catalogue()}, "message": ""}
    page.route("**/api/translations/xx*", lambda route: route.fulfill(json=answer))
    lab.start()
    yield lab
    lab.stop()


def _untranslated(lab: Lab, page: Page, selector: str) -> set[str]:
    files = [file for run in ("birds_1", "birds_2") for file in (lab.home / "default" / "runs" / run).glob("*.json*")]
    known = "".join(file.read_text() for file in files)
    found: set[str] = set()
    for text in page.locator(selector).evaluate(_TEXTS):
        rest = text or ""
        while "⟦" in rest:
            shorter = re.sub(r"⟦[^⟦⟧]*⟧", " ", rest)
            assert shorter != rest, text
            rest = shorter
        found |= {word for word in re.findall(r"[^\W\d_]\w{2,}", rest) if word not in known} - _OWN
    return found


def test_panel_form_and_comparison(foreign: Lab, page: Page) -> None:
    page.goto(f"{foreign.address}lab?token={foreign.token}&reset")
    page.wait_for_function("() => window.jupyterapp?.commands.hasCommand('aml:monitor')", timeout=WAIT_MS)
    page.evaluate("async () => { await window.jupyterapp.restored; }")
    execute(page, "aml:show-panel")
    panel = page.locator(".jp-AmlPanel")
    row = panel.get_by_role("treeitem", name=re.compile(", birds_1$"))
    expect(row).to_contain_text(
        "⟦⟦The script ended with exit code 1 and said nothing.⟧ Placed again (1 of 3).⟧", timeout=WAIT_MS
    )
    row.click()
    assert _untranslated(foreign, page, ".jp-AmlPanel") == set()

    execute(page, "aml:compare", {"workspace": "default", "runs": ["birds_1", "birds_2"]})
    compared = page.locator(".jp-AmlCompareTab")
    for name in ("⟦What differs⟧", "⟦Code⟧", "⟦Charts⟧"):
        compared.get_by_role("tab", name=name).click(timeout=WAIT_MS)
        expect(compared.get_by_text("⟦Loading…⟧")).to_have_count(0, timeout=WAIT_MS)
        assert _untranslated(foreign, page, ".jp-AmlCompareTab") == set()

    execute(page, "aml:submit")
    form = form_of(page)
    form.get_by_label("⟦Script⟧", exact=True).fill("trian.py")
    form.get_by_role("button", name="⟦Submit⟧").click()
    expect(fault_of(form, "⟦Script⟧")).to_contain_text("⟦There is no script", timeout=WAIT_MS)
    assert _untranslated(foreign, page, ".jp-AmlSubmission") == set()
