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


def test_a_json_metric_is_its_curves_over_its_table(mount: Mount) -> None:
    curves = """[
        { title: 'ROC curve', about: 'true positive rate over false positive rate', lines: [
            { name: 'cat', x: [0, 0, 1], y: [0, 0.75, 1] }, { name: 'dog', x: [0, 0.5, 1], y: [0, 0.5, 1] },
            { name: 'chance', x: [0, 1], y: [0, 1], look: 'reference' }] },
        { title: 'Precision-recall curve', about: 'precision over recall', lines: [
            { name: 'cat', x: [1], y: [0.5] }] }]"""
    columns = "{ class: ['cat', 'dog'], precision: [0.5, null] }"
    told = f"name: 'table', kind: 'json', count: 1, last: 'table', columns: {columns}, curves: {curves}"
    view = mount("finished", before=f"source.topics.metrics = [{{ {told} }}];", tab="metrics")
    roc = view.get_by_role("region", name="ROC curve")
    expect(roc.locator("canvas")).to_have_count(1)
    assert roc.locator(".aml-legend").all_inner_texts() == ["cat", "dog", "chance"]
    roc.locator(".u-over").hover()
    expect(roc.locator(".aml-readout")).to_have_text("0.5: dog 0.5")
    expect(view.get_by_role("region", name="Precision-recall curve").locator("canvas")).to_have_count(1)
    assert view.locator(".aml-tabular td:nth-child(2)").all_inner_texts() == ["0.5", ""]
    expect(view.locator(".aml-tabular th:nth-child(2)")).to_have_css("text-align", "end")
