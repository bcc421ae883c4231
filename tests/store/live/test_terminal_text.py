from __future__ import annotations

import pytest

from jupyter_ext.store.live.terminal_text import coloured, plain, plain_bytes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[1;31mred\x1b[0m\tand\r\n", "\x1b[1;31mred\x1b[0m\tand\r\n"),
        ("\x1b[38:5:196mx\x1b[m", "\x1b[38:5:196mx\x1b[m"),
        ("\x1b]52;c;aGk=\x07a\x1b]8;;http://x\x1b\\b", "ab"),
        ("\x1b]0;no end\nnext", "\nnext"),
        ("\x1bP1;2|device\x1b\\a\x1b_app\x1b\\b\x1b^c\nd", "ab\nd"),
        ("\x1b[2J\x1b[1;1Ha\x1b[?25lb\x1b[>4;1mc\x1b[3", "abc"),
        ("\x1bc\x1b(0a\x1b\x07[2J\x1b", "a[2J"),
        ("\x1b\x1b]0;t\x07[2Ja", "[2Ja"),
        ("a\x00\x08\x07\x0b\x7f\x9b2Jb\x9d0;t\x9c", "a2Jb0;t"),
    ],
)
def test_a_terminal_writes_and_colours_and_does_nothing_else(text: str, expected: str) -> None:
    assert coloured(text) == expected


def test_plain_text_has_no_colours_either() -> None:
    assert plain("\x1b[31mred\x1b]0;t\x07\x1b\x07\r\x9b5n ok\t\n") == "red5n ok\t\n"


def test_bytes_keep_their_letters() -> None:
    assert plain_bytes("\x1b[32mé\x1b]0;t\x07Û\x1b[0m".encode()) == "éÛ".encode()
