"""Tables of metrics, and the charts that are made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.view_page import Mount

pytestmark = pytest.mark.browser

_TABLE = """
    const cells = (k) => Array.from({ length: %d }, (_, row) => k ? row / 4 : 'a');
    const columns = Object.fromEntries(%s.map((name, k) => [name, cells(k)]));
    source.topics.metrics = [{ name: 'rows', kind: 'row', count: 1, last: null, min: null, max: null, columns }];
"""


def test_heads_stand_over_their_columns_and_a_wide_table_has_the_whole_width(mount: Mount) -> None:
    view = mount("finished", before=_TABLE % (3, ["run_id", "metric_name", "metric_value", "final"]), tab="metrics")
    card = view.locator(".aml-tabular")
    expect(card.locator("tbody tr")).to_have_count(3)
    for number in range(1, 5):
        head, cell = (card.locator(f"{tag}:nth-child({number})").first for tag in ("th", "td"))
        aligned = "(element) => getComputedStyle(element).textAlign"
        assert head.evaluate(aligned) == cell.evaluate(aligned) == ("start" if number == 1 else "end")
    boxes = card.bounding_box(), view.bounding_box()
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["width"] > 0.9 * boxes[1]["width"]
    heights = {cell.evaluate("(cell) => cell.offsetHeight") for cell in card.locator("tr > *").all()}
    assert max(heights) < 30  # none is broken into lines


def test_two_rows_make_no_chart(mount: Mount) -> None:
    view = mount("finished", before=_TABLE % (2, ["name", "value"]), tab="metrics")
    expect(view.locator(".aml-tabular tbody tr")).to_have_count(2)
    expect(view.locator(".aml-tabular .aml-plot")).to_be_hidden()
