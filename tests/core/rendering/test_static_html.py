from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from parts.live_run import PIXEL

from jupyter_ext.core.rendering import static_html, text
from jupyter_ext.store.live.feed import RunFeed

if TYPE_CHECKING:
    from parts.live_run import Live

_VOID = {"img", "br", "path"}


class _Checker(HTMLParser):
    """Knows which elements there are, and that each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag


def _render(live: Live) -> str:
    feed = RunFeed(live.paths)
    feed.read_all()
    html = static_html.render(feed)
    checker = _Checker()
    checker.feed(html)
    checker.close()
    assert checker.open == []
    assert not checker.seen & {"script", "style", "iframe", "link", "object", "a"}
    assert not {name for name in checker.attributes if name.startswith("on")}
    assert len(html) < 300_000
    return html


def test_a_run_that_has_not_begun(live: Live) -> None:
    assert "NotStarted" in _render(live)


def test_the_whole_of_a_completed_run(ended: Live) -> None:
    html = _render(ended)
    for expected in (
        "✓ Completed",
        "birds / birds_1",
        "train.py --epochs 3",
        ">50 s<",
        "Run 49 s",
        "user_logs/std_log.txt",
        '<span style="color:#dc2626">red</span>',
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<b>loss</b>",
        "<svg",
        "best",
        "data:image/png;base64,",
        "No GPU.",
        "outputs/model.pt",
        "1.5 KB",
        "Details",
    ):
        assert expected in html
    assert "hunter2" not in html


def test_a_failed_run_says_why(running: Live) -> None:
    running.event(60.0, status="Failed", reason="ValueError: <shape>", log="user_logs/std_log.txt")
    html = _render(running)
    assert "✕ Failed" in html
    assert "ValueError: &lt;shape&gt;" in html
    assert "✕ Run" in html


def test_hostile_names_are_text(running: Live) -> None:
    evil = '"><img src=x onerror=alert(1)><script>'
    running.metric(n=evil, v=1.0)
    running.metric(n=evil, v=2.0)
    running.metric(n=f"{evil}2", v=evil)
    running.metric(n=f"{evil}3", k="table", v={evil: [evil]})
    running.metric(n=f"{evil}4", k="image", v=evil)
    (running.paths.outputs / "<script>x").write_text("x")
    running.event(12.0, tags={evil: evil}, note=evil)
    running.event(13.0, status="Failed", reason=evil)
    assert "onerror=alert(1)&gt;" in _render(running)


def test_it_stays_small(running: Live) -> None:
    for metric in range(40):
        for step in range(600):
            running.metric(n=f"metric {metric}", v=step % 7 / 3, s=step)
        running.metric(n=f"single {metric}", v="v" * 5000)
    running.metric(n="rows", k="table", v={f"column {c}": ["cell" * 500] * 300 for c in range(30)})
    running.print(("\x1b[31m" + "x" * 8000 + "\n") * 100)
    for number in range(300):
        (running.paths.outputs / f"{number}.bin").write_bytes(b"")
    for number in range(3):
        (running.paths.outputs / f"large{number}.png").write_bytes(PIXEL + b"\0" * 90_000)
        running.metric(n=f"image {number}", k="image", v=f"outputs/large{number}.png")
    html = _render(running)
    assert html.count("<svg") == 12
    assert html.count("data:image/png") == 2
    assert "and 275 more" in html
    assert "large1.png, 90.1 KB" in html


def test_charts_with_gaps_bands_and_one_value(live: Live) -> None:
    for step in range(3):
        for rank in range(2):
            live.metric(n="band", v=float(step + rank), s=step, r=rank)
        live.metric(n="flat", v=5, s=step)
        live.metric(n="nan", v="NaN", k="float", s=step)
        live.metric(n="gap", v="NaN" if step == 1 else 1.0, s=step, **({"k": "float"} if step == 1 else {}))
    html = _render(live)
    assert html.count("<svg") == 3
    assert html.count('fill-opacity=".18"') == 1


def test_charts_read_well_where_svg_is_removed(running: Live) -> None:
    for step in range(200):
        running.metric(n="accuracy", v=step / 200, s=step)
    left = "".join(re.split(r"</?(?:svg|path|text|g)\b[^>]*>", _render(running)))
    card = left[left.index("<b>accuracy</b>") :].split("</div></div>")[0]
    assert re.sub(r"<[^>]+>|&nbsp;", "", card) == "accuracy 0.9950 to 0.995, steps 0 to 199, 200 points"


def test_one_is_singular(live: Live) -> None:
    live.print("hello\n")
    (live.paths.outputs / "a.txt").write_text("x")
    html = _render(live)
    assert ">1 line<" in html
    assert "1 file, 1 B" in html


def test_plain_text(ended: Live) -> None:
    feed = RunFeed(ended.paths)
    feed.read_all()
    told = text.render(feed)
    assert told.splitlines()[0] == "✓ Completed  birds / birds_1  train.py --epochs 3  50 s"
    assert "Prepare 9.8 s > Queue 1.0 s > Run 49 s > Finish 1.0 s" in told
    assert "  loss  0.03333  (30 points, 0.03333 to 1)" in told
    assert "  outputs/model.pt  1.5 KB" in told
    assert "  red <script>alert(1)</script>" in told
    assert "\x1b" not in told
