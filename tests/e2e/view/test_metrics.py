"""The Metrics tab."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from e2e.view_page import asked, row_of
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.view_page import Mount
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_charts_are_made_when_seen_and_updated_in_place(page: Page, mount: Mount) -> None:
    view = mount("running")
    assert view.locator("canvas").count() == 0
    view.get_by_role("tab", name="Metrics").click()
    loss = view.get_by_role("img", name="Chart of train/loss")
    expect(loss.locator("canvas")).to_have_count(1)
    page.evaluate("window.canvas = document.querySelector('.aml-plot canvas')")
    page.evaluate("""() => {
        const grown = ({ step, time, y }) =>
            ({ step: [...step, 61], time: [...time, time.at(-1) + 4], y: [...y, 0.125] });
        const metrics = source.topics.metrics.map((metric) => metric.name === 'train/loss'
            ? { ...metric, last: 0.125, series: grown(metric.series) } : metric);
        source.set('metrics', metrics);
    }""")
    expect(view.locator(".aml-chart").first).to_contain_text("last 0.125")
    assert page.evaluate("document.querySelector('.aml-plot canvas') === canvas")
    expect(view.locator(".aml-chart").nth(3)).to_contain_text("3 values are not finite")
    expect(view.locator(".aml-values")).to_contain_text("Infinity")


def test_a_drag_zooms_every_chart_and_a_double_click_resets(page: Page, mount: Mount) -> None:
    view = mount("running", tab="metrics")
    plot = view.locator(".aml-plot .u-over").first
    expect(view.locator(".aml-plot .u-over")).to_have_count(5)
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 40, steps=4)
    page.mouse.up()
    reset = view.get_by_role("button", name="Reset zoom")
    expect(reset).to_be_visible()
    page.wait_for_function("source.asked.filter((each) => each.op === 'series').length >= 3")
    ranges = asked(page, "series")
    assert {str(each["name"]) for each in ranges} >= {"train/loss", "val/loss", "val/accuracy"}
    assert 10 < float(str(ranges[0]["from"])) < 20 < float(str(ranges[0]["to"])) < 40
    plot.dblclick()
    expect(reset).to_be_hidden()


def test_axis_and_smoothing_are_kept_over_a_remount(page: Page, mount: Mount) -> None:
    view = mount("running", tab="metrics")
    view.get_by_role("button", name="Time").click()
    view.get_by_role("slider", name="Smoothing").fill("0.8")
    page.evaluate("dispose(); import('/view.js').then(({ mount }) => mount(document.getElementById('at'), source))")
    expect(view.get_by_role("button", name="Time")).to_have_attribute("aria-pressed", "true")
    expect(view.locator(".aml-weight")).to_have_text("0.80")
    expect(view.get_by_role("tab", name="Metrics")).to_have_attribute("aria-selected", "true")


def test_tables_images_and_artefacts_of_metrics(mount: Mount) -> None:
    view = mount("running", tab="metrics")
    expect(view.get_by_role("article", name="per class").locator("tbody tr")).to_have_count(4)
    image = view.locator(".aml-image img")
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("naturalWidth", 320)
    view.get_by_role("button", name="Show as text").click()
    expect(view.locator(".aml-artifact pre")).to_contain_text("confusion_matrix")


def test_a_confusion_matrix_has_its_classes_and_a_number_in_each_cell(mount: Mount) -> None:
    view = mount("running", tab="metrics")
    matrix = view.get_by_role("article", name="classes")
    matrix.scroll_into_view_if_needed()
    expect(matrix.get_by_role("columnheader")).to_have_text(["Predicted class", "duck", "heron", "wren"])
    expect(matrix.get_by_role("rowheader")).to_have_text(["duck", "heron", "wren"])
    cells = matrix.locator(".aml-cell")
    expect(cells).to_have_text(["42", "1", "0", "3", "37", "2", "0", "NaN", "51"])
    expect(cells.nth(4)).to_have_attribute(
        "title", "Of class heron, predicted as heron: 37, which is 88 % of the class"
    )
    colours = [cell.evaluate("(cell) => getComputedStyle(cell).backgroundColor") for cell in cells.all()]
    assert colours[8] != colours[2]
    assert colours[2] == colours[6]


def test_predictions_are_a_chart_and_a_table(mount: Mount) -> None:
    view = mount("running", tab="metrics")
    card = view.get_by_role("article", name="predicted")
    card.scroll_into_view_if_needed()
    expect(card.locator("canvas")).to_be_visible()
    expect(card.locator(".aml-facts")).to_have_text("average prediction over true value")
    assert card.locator(".aml-legend").all_inner_texts() == ["average", "exact"]
    expect(card.locator("tbody tr").first).to_have_text("02101.10.1")


@pytest.mark.parametrize(("tab", "text"), [("metrics", "Run.get_context().log"), ("nodes", "when the script starts")])
def test_empty_tabs_say_what_will_come(mount: Mount, tab: str, text: str) -> None:
    expect(mount("queued", tab=tab).get_by_role("tabpanel")).to_contain_text(text)


def test_a_chart_tells_what_the_log_said_then(page: Page, mount: Mount) -> None:
    view = mount("finished", tab="metrics")
    said = view.locator(".aml-said")
    expect(said).to_contain_text("Point at a chart")
    plot = view.locator(".aml-plot .u-over").first
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 40)
    expect(said.get_by_role("button")).to_have_text(re.compile(r"^std_log.txt:\d+$"))
    line = said.get_by_role("button").inner_text().split(":")[1]
    assert 50 < int(line) < 70  # of 118 lines, 1.1 s each, beside points every 4 s
    said.get_by_role("button").click()
    expect(row_of(page, int(line))).to_be_visible()
    expect(page.locator(".aml-current")).to_have_attribute("data-line", line)


def test_a_line_of_the_log_is_marked_in_the_charts(page: Page, mount: Mount) -> None:
    view = mount("finished")
    expect(row_of(page, 110)).to_be_visible()
    row_of(page, 110).click()
    marked = view.locator(".aml-marked")
    expect(marked).to_contain_text("is marked in the charts.")
    expect(page.locator(".aml-current")).to_have_attribute("data-line", "110")
    marked.get_by_role("button", name="Show the charts").click()
    unmark = view.get_by_role("button", name=re.compile(r"^✕ \d\d:\d\d:\d\d$"))
    expect(unmark).to_be_visible()
    canvas = view.locator(".aml-plot canvas").first
    expect(canvas).to_be_visible()
    pixels = "(canvas) => canvas.toDataURL()"
    page.wait_for_timeout(300)
    with_mark = canvas.evaluate(pixels)
    unmark.click()
    expect(unmark).to_be_hidden()
    page.wait_for_timeout(300)
    assert canvas.evaluate(pixels) != with_mark
