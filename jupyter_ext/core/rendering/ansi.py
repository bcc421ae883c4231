"""Colours of terminal text: parsed into spans, everything else in it is text."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from jupyter_ext.store.live.terminal_text import coloured

if TYPE_CHECKING:
    from collections.abc import Iterator

_COLOUR = re.compile(r"\x1b\[([0-9;:]*)m")
# Mid-tones, so that they can be read on white and on black.
_COLOURS = ("#6b7280", "#dc2626", "#16a34a", "#b7791f", "#2563eb", "#a21caf", "#0e8a9b", "#8b949e")
_BRIGHT = ("#8b949e", "#ef4444", "#22a55b", "#ca8a04", "#3b82f6", "#c026d3", "#0ea5b7", "#9ca3af")
_STYLES = {1: "font-weight:bold", 2: "opacity:.7", 3: "font-style:italic", 4: "text-decoration:underline"}
_CUBE = (0, 95, 135, 175, 215, 255)
_LAST_CUBE = 231
_MOST_PARAMETERS = 32


def to_html(text: str) -> str:
    """Make HTML of terminal text: escaped, with a span for each run of one colour.

    Parameters
    ----------
    text
        Any text; of its escape sequences only colours and emphasis have an effect.
    """
    parts: list[str] = []
    state: dict[str, str] = {}
    position = 0
    text = coloured(text)
    for match in _COLOUR.finditer(text):
        parts.append(_span(text[position : match.start()], state))
        position = match.end()
        _apply(match[1] or "0", state)
    parts.append(_span(text[position:], state))
    return "".join(parts)


def _span(text: str, state: dict[str, str]) -> str:
    escaped = html.escape(text.replace("\r", ""))
    if not state or not escaped:
        return escaped
    return f'<span style="{";".join(state.values())}">{escaped}</span>'


def _apply(parameters: str, state: dict[str, str]) -> None:
    """Bring the state up to date with one sequence of parameters."""
    parsed = [int(part) if part.isdecimal() else 0 for part in parameters.split(";")[:_MOST_PARAMETERS]]
    codes = iter(parsed)
    for code in codes:
        if code == 0:
            state.clear()
        elif code in _STYLES:
            state[str(code)] = _STYLES[code]
        elif code == 22:  # noqa: PLR2004 - neither bold nor faint
            state.pop("1", None)
            state.pop("2", None)
        elif code in {23, 24}:
            state.pop(str(code - 20), None)
        elif code in {38, 48}:
            _set(state, code == 38, _extended(codes))  # noqa: PLR2004 - the colour of the text
        elif code in {39, 49}:
            state.pop("colour" if code == 39 else "ground", None)  # noqa: PLR2004
        else:
            _set_basic(state, code)


def _set_basic(state: dict[str, str], code: int) -> None:
    for first, colours, is_text in (
        (30, _COLOURS, True),
        (40, _COLOURS, False),
        (90, _BRIGHT, True),
        (100, _BRIGHT, False),
    ):
        if first <= code < first + 8:
            _set(state, is_text, colours[code - first])


def _set(state: dict[str, str], is_text: bool, colour: str | None) -> None:
    if colour is not None:
        state["colour" if is_text else "ground"] = f"color:{colour}" if is_text else f"background:{colour}"


def _extended(codes: Iterator[int]) -> str | None:
    """Read a colour of 256 or of 16 million."""
    kind = next(codes, 0)
    if kind == 2:  # noqa: PLR2004 - red, green, blue follow
        red, green, blue = (min(next(codes, 0), 255) for _ in range(3))
        return f"#{red:02x}{green:02x}{blue:02x}"
    if kind != 5:  # noqa: PLR2004 - a number of the palette follows
        return None
    index = min(next(codes, 0), 255)
    if index < len(_COLOURS):
        return _COLOURS[index]
    if index < 2 * len(_COLOURS):
        return _BRIGHT[index - 8]
    if index > _LAST_CUBE:
        grey = 8 + 10 * (index - 232)
        return f"#{grey:02x}{grey:02x}{grey:02x}"
    index -= 16
    levels = (_CUBE[index // 36], _CUBE[index // 6 % 6], _CUBE[index % 6])
    return "#{:02x}{:02x}{:02x}".format(*levels)
