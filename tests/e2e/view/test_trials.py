"""The Trials tab of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.view_page import Mount
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

_OPENS = "source.opened = []; source.open = (id) => source.opened.push(id);"


def _column(view: Locator, name: str) -> list[str]:
    names = view.locator(".aml-trial-table thead th").all_inner_texts()
    return view.locator(f".aml-trial > td:nth-child({names.index(name) + 1})").all_inner_texts()


def test_a_sweep_shows_its_trials_first_the_best_on_top(page: Page, mount: Mount) -> None:
    view = mount("sweep")
    expect(view.get_by_role("tab").first).to_have_text("Trials 6")
    expect(view.get_by_role("tab").first).to_have_attribute("aria-selected", "true")
    assert _column(view, "Best val/accuracy") == ["0.9312", "0.88", "0.62", "0.41", "0.1", "–"]  # noqa: RUF001 - as it is shown
    assert _column(view, "--learning_rate")[0] == "0.03"
    assert _column(view, "optimizer")[1] == "sgd"
    assert _column(view, "State").count("Completed") == 4
    expect(view.locator(".aml-trial[data-best]")).to_have_count(1)
    expect(view.get_by_role("img", name="Chart of val/accuracy by trial").locator("canvas")).to_be_visible()
    page.evaluate("""() => {
        const trials = source.topics.trials.trials
            .map((each) => each.number === 5 ? { ...each, best: 0.99, last: 0.99 } : each)
            .sort((a, b) => b.best - a.best);
        source.set('trials', { ...source.topics.trials, trials });
    }""")
    expect(view.locator(".aml-trial[data-best] td").first).to_have_text("5")
    assert _column(view, "Trial")[0] == "5"


def test_a_click_on_a_head_orders_the_trials(mount: Mount) -> None:
    view = mount("sweep")
    head = view.get_by_role("columnheader", name="--learning_rate")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert _column(view, "Trial") == ["0", "1", "2", "3", "4", "5"]
    head.get_by_role("button").click()
    assert _column(view, "Trial") == ["5", "4", "3", "2", "1", "0"]
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "none")
    assert _column(view, "Trial")[0] == "2"


def test_a_click_and_enter_open_a_trials_monitor(page: Page, mount: Mount) -> None:
    view = mount("sweep", before=_OPENS)
    view.locator(".aml-trial").first.locator("td").nth(2).click()
    view.get_by_role("button", name="Open the monitor of birds_1763_9f2c_3").press("Enter")
    assert page.evaluate("source.opened") == ["birds_1763_9f2c_2", "birds_1763_9f2c_3"]


def test_where_there_is_no_place_for_another_monitor_it_tells_the_line(mount: Mount) -> None:
    view = mount("sweep")
    view.locator(".aml-trial").first.click()
    expect(view.locator(".aml-trial-list")).to_contain_text("%aml show birds_1763_9f2c_2")


def test_a_sweep_that_is_told_of_late_is_shown_where_the_reader_has_chosen_no_tab(page: Page, mount: Mount) -> None:
    view = mount("sweep", before="window.sweep = source.topics.run; delete source.topics.run;")
    expect(view.get_by_role("tab").first).to_have_text("Logs")
    page.evaluate("source.set('run', sweep)")
    expect(view.get_by_role("tab", name="Trials 6")).to_have_attribute("aria-selected", "true")
    page.evaluate("dispose()")
    view = mount("sweep", before="window.sweep = source.topics.run; delete source.topics.run;", tab="details")
    page.evaluate("source.set('run', sweep)")
    expect(view.get_by_role("tab").first).to_have_text("Trials 6")
    expect(view.get_by_role("tab", name="Details")).to_have_attribute("aria-selected", "true")


def test_a_run_that_is_no_sweep_has_no_trials(mount: Mount) -> None:
    expect(mount("finished").get_by_role("tab").first).to_have_text("Logs")
