"""The Logs tab."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from e2e.view_page import LOG, asked, long_log, row_of
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.view_page import Mount
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("status", "phase", "files", "text"),
    [
        ("Queued", 2, "[]", "Queue: place 1 in the queue. The log appears when the run starts."),
        ("Queued", 2, "[FILE]", "Queue: place 1 in the queue. The log appears when the run starts."),
        ("Preparing", 1, "[]", "Prepare: image cached. The log appears as soon as"),
        ("Preparing", 1, "[FILE]", "Prepare: image cached. The log appears as soon as"),
        ("Running", 3, "[FILE]", "This file is empty so far"),
    ],
)
def test_an_empty_log_says_what_the_run_waits_for(mount: Mount, status: str, phase: int, files: str, text: str) -> None:
    files = files.replace("FILE", f"{{ name: '{LOG}', size: 0, lines: 0, group: 'script' }}")
    view = mount(
        "queued",
        before=f"""source.logs['{LOG}'].total = 0;
        source.set('run', {{ ...source.topics.run, status: '{status}' }});
        source.set('logs', {{ files: {files}, active: null }});
        const states = source.topics.phases.map((each, k) => ({{ ...each, state: k === {phase} ? 'active' : 'done' }}));
        source.set('phases', states);""",
    )
    expect(view.get_by_role("tabpanel")).to_contain_text(text)


def test_the_place_in_the_line_moves_on(page: Page, mount: Mount) -> None:
    view = mount("queued")
    page.evaluate("""source.set('phases', source.topics.phases.map((each) =>
        each.state === 'active' ? { ...each, note: 'place 2 in the line of local' } : each))""")
    expect(view.get_by_role("tabpanel")).to_contain_text("Queue: place 2 in the line of local.")


def test_the_log_follows_until_the_reader_scrolls_up(page: Page, mount: Mount) -> None:
    view = mount("running", before=long_log(1000))
    follow = view.get_by_role("button", name="Follow")
    expect(row_of(page, 1000)).to_be_visible()
    page.evaluate(long_log(1500))
    expect(row_of(page, 1500)).to_be_visible()
    page.mouse.move(500, 350)
    page.mouse.wheel(0, -400)
    expect(follow).to_have_attribute("aria-pressed", "false")
    top = page.locator(".aml-row").first.get_attribute("data-line")
    page.evaluate(long_log(2000))
    expect(page.locator(".aml-row").first).to_have_attribute("data-line", str(top))
    view.get_by_role("region", name="Lines of").press("End")
    expect(follow).to_have_attribute("aria-pressed", "true")
    expect(row_of(page, 2000)).to_be_visible()


@pytest.mark.parametrize("wrap", [False, True])
def test_a_million_lines_can_be_walked_line_by_line(page: Page, mount: Mount, wrap: bool) -> None:
    view = mount("running", before=long_log(3_000_000), wrap=wrap)
    lines = view.get_by_role("region", name="Lines of")
    expect(row_of(page, 3_000_000)).to_be_visible()
    assert lines.evaluate("(element) => element.scrollHeight") < 10_000_000
    lines.press("Home")
    expect(row_of(page, 1)).to_contain_text("line 1")
    lines.press("ArrowDown")
    expect(row_of(page, 1)).not_to_be_in_viewport(ratio=0.5)
    lines.evaluate("(element) => { element.scrollTop = element.scrollHeight / 2; }")
    middle = page.locator(".aml-row").nth(5)
    expect(middle).to_have_text(re.compile(r"^line 1[45]\d{5}$"))
    first = int(str(middle.get_attribute("data-line")))
    page.mouse.move(500, 350)
    page.mouse.wheel(0, 180)
    expect(page.locator(".aml-row").nth(5)).to_have_attribute("data-line", str(first + 10))
    assert page.locator(".aml-row").count() < 120


def test_colours_and_rewritten_lines(page: Page, mount: Mount) -> None:
    lines = [
        r"\x1b[1;31mred\x1b[0m plain \x1b[38;5;196mcube\x1b[0m \x1b[48;2;1;2;3mtrue\x1b[m",
        r" 10%|#\r 50%|##\r100%|####",
        r"\x1b]8;;http://x\x07link\x1b]8;;\x07 \x1b[2Jcleared\x07",
        r"<img src=x onerror='window.hacked=1'><b>bold</b>",
    ]
    script = ", ".join(f'"{line}"' for line in lines)
    mount("running", before=f"source.set('tail', {{ file: '{LOG}', first: 0, total: 4, lines: [{script}] }});")
    expect(row_of(page, 1)).to_have_text("red plain cube true")
    red = row_of(page, 1).locator("span.aml-bold")
    assert red.evaluate("(element) => element.style.color") == "var(--aml-ansi-1)"
    assert "rgb(255, 0, 0)" in row_of(page, 1).inner_html()
    expect(row_of(page, 2)).to_have_text("100%|####")
    expect(row_of(page, 3)).to_have_text("link cleared")
    expect(row_of(page, 4)).to_have_text("<img src=x onerror='window.hacked=1'><b>bold</b>")
    assert page.evaluate("[window.hacked, document.querySelectorAll('.aml-row img, .aml-row b').length]") == [None, 0]


def test_search_finds_in_the_whole_file(page: Page, mount: Mount) -> None:
    view = mount("running", before=long_log(20_000))
    view.get_by_role("region", name="Lines of").press("Control+f")
    find = view.get_by_role("searchbox")
    expect(find).to_be_focused()
    page.keyboard.type("LINE 777")
    count = view.locator(".aml-count")
    expect(count).to_have_text("1 of 11")
    expect(page.locator(".aml-current")).to_have_text("line 777")
    expect(page.locator(".aml-current mark")).to_have_text("line 777")
    page.keyboard.press("Enter")
    expect(page.locator(".aml-current")).to_have_text("line 7770")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(count).to_have_text("11 of 11")
    view.get_by_role("button", name="Match case").click()
    expect(count).to_have_text("none")


def test_another_file_is_followed(page: Page, mount: Mount) -> None:
    view = mount("running")
    choice = view.get_by_role("combobox", name="Log file")
    assert choice.locator("optgroup").evaluate_all("(groups) => groups.map((group) => group.label)") == [
        "Script",
        "Build",
        "System",
    ]
    choice.select_option("system_logs/build.log")
    expect(row_of(page, 24)).to_contain_text("Step 24/24")
    assert asked(page, "follow") == [{"file": "system_logs/build.log"}]


def test_selected_lines_stay_and_copy_without_their_numbers(page: Page, mount: Mount) -> None:
    mount("running", before=long_log(1000))
    box = row_of(page, 995).locator(".aml-text").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 1, box["y"] + 9)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 27)
    page.mouse.up()
    page.evaluate(long_log(1200))
    page.wait_for_function("document.querySelector('.aml-toggle').getAttribute('aria-pressed') === 'false'")
    assert page.evaluate("document.getSelection().toString()").split("\n") == ["line 995", "line 996"]


def test_wrapped_lines_reach_the_end_and_come_back(page: Page, mount: Mount) -> None:
    log = "(n) => 'line ' + (n + 1) + ' ' + 'word '.repeat(n % 90)"
    script = f"source.logs['{LOG}'] = {{ total: 5000, line: {log} }}; source.pushTail('{LOG}');"
    view = mount("running", before=script, wrap=True)
    lines = view.get_by_role("region", name="Lines of")
    expect(row_of(page, 5000)).to_be_in_viewport(ratio=0.9)
    lines.press("PageUp")
    expect(row_of(page, 5000)).not_to_be_in_viewport()
    lines.press("PageDown")
    expect(row_of(page, 5000)).to_be_in_viewport(ratio=0.9)
    assert lines.evaluate("(element) => element.scrollWidth <= element.clientWidth")


def _written(time: str) -> str:
    return f"source.logs['{LOG}'].time = (n) => {time}; source.pushTail('{LOG}');"


def test_lines_tell_when_they_were_written(page: Page, mount: Mount) -> None:
    view = mount("running", before=_written("n < 50 ? null : n < 117 ? 1e9 + n : undefined"))
    time = view.get_by_role("button", name="Time", exact=True)
    expect(row_of(page, 117)).not_to_have_attribute("data-time", re.compile("."))
    time.click()
    expect(time).to_have_attribute("aria-pressed", "true")
    expect(row_of(page, 117)).to_have_attribute("data-time", re.compile(r"^\d\d:48:36$"))
    expect(row_of(page, 118)).to_have_attribute("data-time", "")
    expect(row_of(page, 117)).to_have_attribute("title", re.compile(r"^2001-09-09 \d\d:48:36$"))
    page.evaluate(_written("1e9 + n"))
    expect(row_of(page, 118)).to_have_attribute("data-time", re.compile(r"^\d\d:48:37$"))
    view.get_by_role("region", name="Lines of").press("Home")
    expect(row_of(page, 1)).to_have_attribute("title", re.compile("2001"))
    time.click()
    expect(row_of(page, 1)).not_to_have_attribute("data-time", re.compile("."))


def test_times_that_came_after_their_lines_are_asked_for(page: Page, mount: Mount) -> None:
    view = mount("running", before=long_log(10_000), times=True)
    view.get_by_role("region", name="Lines of").press("Home")
    expect(row_of(page, 1)).to_contain_text("line 1")
    page.evaluate(f"source.logs['{LOG}'].time = (n) => 1e9 + n")
    page.evaluate("setInterval(() => source.set('run', { ...source.topics.run }), 500)")
    expect(row_of(page, 1)).to_have_attribute("title", re.compile("2001"))


def test_a_log_opens_by_itself_as_plain_text(page: Page, mount: Mount) -> None:
    view = mount("finished")
    with page.expect_popup() as popup:
        view.get_by_role("button", name="Open", exact=True).click()
    expect(popup.value.locator("body")).to_contain_text("epoch 1/30  started")
    text = popup.value.locator("body").inner_text()
    assert "\x1b" not in text
    assert len(text.splitlines()) == 118
    assert popup.value.evaluate("[document.contentType, window.opener]") == ["text/plain", None]


def test_where_no_tab_may_open_the_log_is_downloaded(page: Page, mount: Mount) -> None:
    view = mount("finished", before="window.open = () => null;")
    with page.expect_download() as download:
        view.get_by_role("button", name="Open", exact=True).click()
    assert download.value.suggested_filename == "std_log.txt"
    assert b"\x1b[1mepoch 1/30" in download.value.path().read_bytes()
    expect(view.get_by_role("button", name="Open", exact=True)).to_be_enabled()
