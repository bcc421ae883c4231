"""What axe-core has against a part of a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from parts import MissingPart

if TYPE_CHECKING:
    from playwright.sync_api import Page

_AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page, selector: str) -> list[str]:
    """Look at a part of a page, and tell each rule that it breaks and where.

    Parameters
    ----------
    page
        The page.
    selector
        The part.
    """
    if not _AXE.exists():
        raise MissingPart("axe-core is not installed (npm --prefix labextension ci)")
    if not page.evaluate("() => 'axe' in window"):
        # RequireJS of an old notebook extension would take it for a module of its own.
        page.evaluate(f"() => {{ const define = undefined; {_AXE.read_text()} }}")
    found = page.evaluate("selector => axe.run(selector).then(result => result.violations)", selector)
    return [f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for one in found for node in one["nodes"]]
