"""Nouns as a table under a cell."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from jupyter_ext.store.spelling import NO_FORMULA

if TYPE_CHECKING:
    from collections.abc import Iterable


def html_table(rows: Iterable[dict[str, str]]) -> str:
    """Return rows with the same columns as an HTML table; every cell is text."""
    shown = list(rows)
    head = "".join(f"<th>{html.escape(name)}</th>" for name in (shown[0] if shown else ()))
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(value)}</td>" for value in row.values()) + "</tr>" for row in shown
    )
    return f"<table {NO_FORMULA}><tr>{head}</tr>{body}</table>"
