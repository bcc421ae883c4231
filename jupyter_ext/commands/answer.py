"""What a command answers, and how that looks as text and as HTML."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_ext.store.live.terminal_text import plain
from jupyter_ext.store.spelling import NO_FORMULA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LEFT = "text-align:left;vertical-align:top"
_SHORT = 24  # characters that stay on one line
_FOOT = "color:var(--jp-content-font-color2,#888)"
_GAP = "  "


@dataclass(frozen=True)
class Table:
    """Rows under headings; every cell is text that may come from a script."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""


@dataclass(frozen=True)
class Answer:
    """What a command has found or done.

    Attributes
    ----------
    data
        The same as plain data, for programs.
    tables
        For people.
    text
        A line above the tables.
    pieces
        Text that comes bit by bit, in place of text and tables.
    note
        A line after it that is not part of it: a terminal has it on stderr.
    code
        The exit code of the command in a terminal.
    views
        What a front end that has our extension shows in place of the tables, by MIME type.
    """

    data: Any
    tables: Sequence[Table] = field(default_factory=list)
    text: str = ""
    pieces: Iterator[str] | None = None
    note: str = ""
    code: int = 0
    views: dict[str, Any] = field(default_factory=dict)


def as_text(answer: Answer, width: int | None = None) -> str:
    """Return an answer as aligned lines.

    Parameters
    ----------
    answer
        The answer.
    width
        How wide the terminal is; longer lines are cut. None: nothing is cut.
    """
    parts = [plain(answer.text)] if answer.text else []
    parts += ["\n".join(_lines(table, width)) for table in answer.tables if table.rows]
    return "\n\n".join(parts) if len(answer.tables) > 1 else "\n".join(parts)


def as_html(answer: Answer) -> str:
    """Return an answer as HTML in which everything from a script is text."""
    said = f'<div style="{_FOOT}">{html.escape(plain(answer.text))}</div>' if answer.text else ""
    tables = "".join(_html(table) for table in answer.tables if table.rows)
    return f"<div {NO_FORMULA}>{said}{tables}</div>"


def _without_empty_columns(table: Table) -> Table:
    filled = [index for index in range(len(table.columns)) if any(row[index] for row in table.rows)]
    rows = [[row[index] for index in filled] for row in table.rows]
    return Table([table.columns[index] for index in filled], rows, table.title)


def _lines(table: Table, width: int | None) -> Iterator[str]:
    table = _without_empty_columns(table)
    if table.title:
        yield table.title
    rows = [[_plain(cell) for cell in row] for row in table.rows]
    heads = [column.upper() if column.islower() and column.isalpha() else column for column in table.columns]
    if any(heads):
        rows.insert(0, heads)
    widths = [max(len(row[index]) for row in rows) for index in range(len(table.columns))]
    for row in rows:
        line = _GAP.join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()
        yield line if width is None or len(line) <= width else line[: width - 1] + "…"


def _html(table: Table) -> str:
    table = _without_empty_columns(table)
    title = f"<b>{html.escape(table.title)}</b>" if table.title else ""
    head = "".join(f'<th style="{_LEFT}">{html.escape(column)}</th>' for column in table.columns)
    body = "".join("<tr>" + "".join(_html_cell(_plain(cell)) for cell in row) + "</tr>" for row in table.rows)
    return f"{title}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_cell(text: str) -> str:
    wrap = ";white-space:nowrap" if len(text) <= _SHORT else ""
    return f'<td style="{_LEFT}{wrap}">{html.escape(text)}</td>'


def _plain(text: str) -> str:
    return " ".join(plain(text).split())
